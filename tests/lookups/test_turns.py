"""Several calls at once: one turn of a worker, its leases, its bugs; and how often a run is tried again."""

import pytest
from django.utils import timezone

from businesses.models import Page
from lookups import resolver
from lookups.asking import ask_about
from lookups.models import Lookup, Run, State

pytestmark = [pytest.mark.database]


def ask(world, asset, value) -> Lookup:
    return ask_about(asset=asset, value=value, by=world.user, now=timezone.now())


def resolve(lookup: Lookup) -> Lookup:
    """Resolve all that waits, and read the lookup again."""
    while resolver.resolve_batch("staff"):
        pass
    lookup.refresh_from_db()
    return lookup


def test_several_batches_are_under_way_at_once(world, sandbox):
    lookups = [ask(world, asset, value) for asset, value in known_ids(world)]
    sandbox.control("latency", {"seconds": 2})

    assert resolver.resolve_turn("staff", at_once=4) == 4

    came = [entry["at"] for entry in sandbox.journal() if entry["path"] == "/"]
    assert len(came) == 4
    assert max(came) - min(came) < 2, "one after the other they would come two seconds apart each"
    assert {resolve(lookup).state for lookup in lookups} == {State.DONE}


def test_a_turn_ends_though_there_is_more(world):
    for asset, value in known_ids(world):
        ask(world, asset, value)

    assert [resolver.resolve_turn("staff", at_once=2, most=3) for _ in range(3)] == [3, 1, 0]


def test_leases_are_prolonged_while_graph_takes_its_time(world, sandbox, settings):
    settings.IDLINK_LEASE_SECONDS = 1
    lookup = ask(world, world.page, "12345123")
    sandbox.control("latency", {"seconds": 1.8})

    assert resolver.resolve_batch("staff")

    lookup.refresh_from_db()
    assert (lookup.state, lookup.attempt) == (State.DONE, 1)


def test_a_bug_in_one_call_does_not_cost_the_others(world, monkeypatch):
    lookups = [ask(world, asset, value) for asset, value in known_ids(world)]
    real = resolver._ask

    def broken(questions, credential):
        if questions[0].node_id == "12345123":
            raise ZeroDivisionError
        return real(questions, credential)

    monkeypatch.setattr(resolver, "_ask", broken)
    with pytest.raises(ZeroDivisionError):
        resolver.resolve_turn("staff", at_once=4)

    for lookup in lookups:
        lookup.refresh_from_db()
    assert [lookup.state for lookup in lookups] == [State.CLAIMED, State.DONE, State.DONE, State.DONE]


def known_ids(world) -> list:
    """IDs of four apps and Pages: four credentials, so four batches."""
    pages = {page.page_id: page for page in Page.objects.select_related("business", "managed_by")}
    return [
        (world.page, "12345123"),
        (world.app, "645195294"),
        (pages["380374449010777"], "00123456789"),
        (pages["380374449010888"], "88001234568"),
    ]


@pytest.mark.parametrize(("retries", "state"), [(22, "waiting"), (23, "done")])
def test_a_run_has_a_budget_of_retries(world, sandbox, settings, retries, state):
    lookup = ask(world, world.page, "12345123")
    Run.objects.update(retries=retries)
    sandbox.control("rules", [{"action": {"error": {"code": 2, "status": 500}}}])

    resolver.resolve_batch("staff")

    lookup.refresh_from_db()
    assert lookup.state == state
    assert Run.objects.get().retries == 23
    if state == "done":
        assert (lookup.apps_outcome, lookup.pages_outcome) == ("failed", "failed")
        assert "idlink gave up after 1 try; ask again later." in lookup.why
