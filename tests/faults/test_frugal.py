"""A faulty run costs few calls more than a sound one (trust, F7)."""

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from django.utils import timezone

from businesses.models import Asset, Business
from lookups.asking import resolver
from lookups.asking.tallies import sum_of
from lookups.lists import feeding
from lookups.management.demo_world import seed_world
from lookups.models import Lookup, QuotaPool, Run
from lookups.sandbox.world.default_world import default_world
from tests.lookups.list_runs import make_list
from tests.makers import make_user
from tests.sandbox_process import SandboxProcess

PEOPLE, ROWS, LONG = 12_000, 300, 1500
AWAY = {"answer": {"status": 503, "body": "<html>"}}
TRANSIENT = {"error": {"code": 2, "status": 500, "is_transient": True}}
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture
def sandbox(start_sandbox: Callable[..., SandboxProcess], settings) -> Iterator[SandboxProcess]:
    """A sandbox in which every call takes a moment, so that waiting counts for more than this machine's speed."""
    running = start_sandbox("--people", str(PEOPLE), "--latency", "0.3")
    settings.IDLINK_GRAPH_URL, settings.IDLINK_GRAPH_DEADLINE = running.url, 4.0
    resolver.graph_client.cache_clear()
    seed_world(running.world, by=make_user("seeder"), now=timezone.now())
    Business.objects.update(read_names=False)
    yield running
    resolver.graph_client.cache_clear()


def page(name: str) -> Asset:
    return Asset.objects.select_related("business", "managed_by").get(name=name)


def lists_of(asset: Asset, length: int = ROWS) -> Iterator[Run]:
    """Lists of people of their own, each as long as the others; made when they are asked for."""
    world = default_world(people=PEOPLE)
    known = (world.generated(n).ids.get(asset.graph_id) for n in range(PEOPLE))
    mine = (value for value in known if value)
    while len(rows := list(islice(mine, length))) == length:
        yield make_list(asset, *rows)


def turn() -> bool:
    """One turn of the one worker that there is; false if it found nothing to do."""
    fed = feeding.feed(timezone.now())
    return bool(resolver.resolve_turn("bulk", at_once=4, most=8) or fed)


def test_a_faulty_run_takes_few_calls_more_than_it_has_rows(sandbox):
    """Graph is away at first, then every tenth item fails in passing."""
    away = {"match": {"item": False}, "action": AWAY, "times": 2}
    sandbox.control("rules", [away, {"match": {"item": True, "share": 0.1}, "action": TRANSIENT}])
    run = next(lists_of(page("John's Next Great Thing"), LONG))

    while Run.objects.get(pk=run.pk).finished_at is None:
        turn()
        Lookup.objects.update(not_before=None)  # as if the pauses were over
        QuotaPool.objects.update(wait_until=None)

    run.refresh_from_db()
    assert (run.state, run.failed, sum_of(run).meets) == (Run.State.DONE, 0, True)
    calls = sum("batch" not in entry["params"] for entry in sandbox.journal())
    assert sum(rule["applied"] for rule in sandbox.read("rules")) > LONG / 20
    assert LONG < calls <= 1.2 * LONG
