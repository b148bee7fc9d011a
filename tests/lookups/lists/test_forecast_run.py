"""What is said before a list is started is what then comes: calls and requests as the sandbox counts them, and time."""

from collections.abc import Iterator
from itertools import islice

import pytest
from django.utils import timezone

from businesses.models import Asset
from lookups.lists import running
from lookups.lists.forecast import Forecast, forecast, measured_rate
from lookups.lists.preview import preview_of
from lookups.models import Run
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.lookups.list_runs import add_rows, make_list, work
from tests.sandbox_process import SandboxProcess

PEOPLE, ROWS, UNKNOWN = 10_000, 1000, 300
pytestmark = [pytest.mark.django_db, pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture
def sandbox(start_sandbox) -> SandboxProcess:
    """A sandbox with many people, in which every call takes a moment."""
    return start_sandbox("--people", str(PEOPLE), "--latency", "0.02")


def new_lists() -> Iterator[list[tuple[str, str]]]:
    """Lists of people of their own, one ID each, of all apps and Pages in turn; and some IDs that nobody has."""
    world = default_world(people=PEOPLE)
    people = (person for person in map(world.generated, range(PEOPLE)) if person.business_id == JOHNS)
    while rows := [list(one.ids.items())[n % len(one.ids)] for n, one in enumerate(islice(people, ROWS))]:
        yield [*rows, *((rows[0][0], f"9{n:06}") for n in range(UNKNOWN))]


def ready(rows: list[tuple[str, str]]) -> Run:
    """A list that was read, and waits for its start."""
    assets = {asset.graph_id: asset for asset in Asset.objects.select_related("business")}
    run = make_list(assets[rows[0][0]], state=Run.State.READY)
    for line, (graph_id, value) in enumerate(rows, start=1):
        add_rows(run, assets[graph_id], value, first=line)
    Run.objects.filter(pk=run.pk).update(rows=len(rows), todo=len(rows))
    run.refresh_from_db()
    return run


def run_through(world, sandbox, rows: list[tuple[str, str]]) -> tuple[Forecast, int, int, float]:
    """Work a list off; gives the forecast, and the calls, requests and seconds that it took."""
    run, now, before = ready(rows), timezone.now(), len(sandbox.journal())
    told = forecast(preview_of(run, now).calls, measured_rate(run.business), now)
    running.start(run, by=world.user, now=timezone.now())
    run = work(run)
    assert run.state == Run.State.DONE
    entries = sandbox.journal()[before:]
    requests = sum("batch" in entry["params"] for entry in entries)
    return told, len(entries) - requests, requests, (run.finished_at - run.started_at).total_seconds()


def test_calls_requests_and_time_come_as_they_were_forecast(world, sandbox):
    lists = new_lists()
    told, calls, requests, _ = run_through(world, sandbox, next(lists))
    assert not told.rate.measured
    assert calls == pytest.approx(told.calls, rel=0.1)
    assert requests == pytest.approx(told.requests, rel=0.1)

    told, calls, requests, seconds = run_through(world, sandbox, next(lists))

    assert told.rate.measured
    assert calls == pytest.approx(told.calls, rel=0.1)
    assert requests == pytest.approx(told.requests, rel=0.1)
    assert told.time.total_seconds() / 3 < seconds < told.time.total_seconds() * 3, "others use this machine, too"
