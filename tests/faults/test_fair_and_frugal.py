"""A faulty run costs few calls more than a sound one; a business in trouble does not hold up another (trust, F7)."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from businesses.models import Business, FacebookApp, Page
from lookups import feeding, resolver
from lookups.management.demo_world import seed_world
from lookups.models import Lookup, QuotaPool, Run
from lookups.tallies import sum_of
from tests.lookups.lists import make_list
from tests.makers import make_user
from tests.sandbox_process import SandboxProcess

ROWS = 500
AWAY = {"answer": {"status": 503, "body": "<html>"}}
TRANSIENT = {"error": {"code": 2, "status": 500, "is_transient": True}}
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture
def sandbox(start_sandbox: Callable[..., SandboxProcess], settings) -> SandboxProcess:
    """A sandbox in which every call takes a moment, so that waiting counts for more than this machine's speed."""
    running = start_sandbox("--latency", "0.5")
    settings.IDLINK_GRAPH_URL, settings.IDLINK_GRAPH_DEADLINE = running.url, 4.0
    resolver.graph_client.cache_clear()
    seed_world(running.world, by=make_user("seeder"), now=timezone.now())
    Business.objects.update(read_names=False)
    yield running
    resolver.graph_client.cache_clear()


def page(name: str) -> Page:
    return Page.objects.select_related("business", "managed_by").get(name=name)


def values(first: int) -> list[str]:
    return [str(first + n) for n in range(ROWS)]


def turn() -> bool:
    """One turn of the one worker that there is; false if it found nothing to do."""
    fed = feeding.feed(timezone.now())
    return bool(resolver.resolve_turn("bulk", at_once=4, most=8) or fed)


def seconds_until_over(run: Run) -> float:
    """Work until this run has ended, whatever else there is to do, without waiting for anybody's clock."""
    begun = time.monotonic()
    while Run.objects.get(pk=run.pk).finished_at is None:
        if not turn():
            time.sleep(0.05)
    return time.monotonic() - begun


def test_a_faulty_run_takes_few_calls_more_than_it_has_rows(sandbox):
    """Graph is away at first, then every tenth item fails in passing."""
    away = {"match": {"item": False}, "action": AWAY, "times": 2}
    sandbox.control("rules", [away, {"match": {"item": True, "share": 0.1}, "action": TRANSIENT}])
    run = make_list(page("John's Next Great Thing"), *values(9_000_000))

    while Run.objects.get(pk=run.pk).finished_at is None:
        turn()
        Lookup.objects.update(not_before=None)  # as if the pauses were over
        QuotaPool.objects.update(wait_until=None)

    run.refresh_from_db()
    assert (run.state, run.failed, sum_of(run).meets) == (Run.State.DONE, 0, True)
    calls = sum("batch" not in entry["params"] for entry in sandbox.journal())
    assert sum(rule["applied"] for rule in sandbox.read("rules")) > ROWS / 20
    assert ROWS < calls <= 1.2 * ROWS


@pytest.mark.parametrize("trouble", [AWAY, {"error": {"code": 4, "status": 429}}, {"delay": 9}], ids=str)
def test_a_business_in_a_storm_does_not_hold_up_another(sandbox, trouble):
    quiet, stormy = page("Quiet Lab Bot"), page("John's Next Great Thing")
    alone = seconds_until_over(make_list(quiet, *values(9_000_000)))
    storm = {"match": {"item": False, "business": stormy.business.graph_id}, "action": trouble}
    sandbox.control("rules", [storm])
    for asset in [stormy, *FacebookApp.objects.filter(business=stormy.business).select_related("business")[:2]]:
        make_list(asset, *values(7_000_000))

    together = seconds_until_over(make_list(quiet, *values(8_000_000)))

    print(f"alone {alone:.1f} s, beside the storm {together:.1f} s")
    assert sandbox.read("rules")[0]["applied"] > 0
    assert together <= 1.5 * alone
