"""Several calls at once: one turn of a worker, its leases, its bugs; and how often a run is tried again."""

import threading

import pytest
from django.utils import timezone

from businesses.models import Page
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.graph import BATCH_SIZE
from lookups.models import Lookup, Run, State

pytestmark = [pytest.mark.orm]


def ask(world, asset, value) -> Lookup:
    return ask_about(asset=asset, value=value, by=world.user, now=timezone.now())


def resolve(lookup: Lookup) -> Lookup:
    """Resolve all that waits, and read the lookup again."""
    while resolver.resolve_turn("staff", at_once=1, most=1):
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

    assert resolver.resolve_turn("staff", at_once=1, most=1)

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


class Hanging:
    """Graph hangs for one business until all that others asked is answered, or it is tired of waiting."""

    def __init__(self, world, monkeypatch, *, others: int, seconds: float = 20) -> None:
        self._real, self._others, self._seconds = resolver._ask, others, seconds
        self._all_answered, self._lock = threading.Event(), threading.Lock()
        self.waited: list[bool] = []
        monkeypatch.setattr(resolver, "_ask", self)
        monkeypatch.setattr(resolver, "SLOW_SECONDS", 0.1)

    def __call__(self, questions, credential):
        if questions[0].node_id.startswith("1"):
            self.waited.append(self._all_answered.wait(self._seconds))
            return self._real(questions, credential)
        replies = self._real(questions, credential)
        with self._lock:
            self._others -= len(questions)
        if not self._others:
            self._all_answered.set()
        return replies


def harbour_desk() -> Page:
    """A Page of another business than the world's own."""
    return Page.objects.select_related("business", "managed_by").get(name="North Harbour Desk")


def ask_many(world, asset, *, first: int, batches: int) -> None:
    for value in range(first, first + batches * BATCH_SIZE):
        ask(world, asset, str(value))


def test_while_calls_of_one_business_hang_all_of_another_is_asked(world, monkeypatch):
    ask_many(world, world.page, first=10001, batches=1)
    ask_many(world, harbour_desk(), first=70001, batches=3)
    hanging = Hanging(world, monkeypatch, others=3 * BATCH_SIZE)

    assert resolver.resolve_turn("staff", at_once=4, most=2) == 4

    assert hanging.waited == [True]
    assert set(Lookup.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.parametrize("hang", [1, 4])
def test_who_comes_while_calls_hang_is_asked_though_they_take_all_there_is(world, monkeypatch, hang):
    ask_many(world, world.page, first=10001, batches=hang)
    hanging, record, came = Hanging(world, monkeypatch, others=1), resolver._record, []

    def record_and_let_one_come(done):
        if not came:
            came.append(ask(world, harbour_desk(), "70001"))
        return record(done)

    monkeypatch.setattr(resolver, "_record", record_and_let_one_come)

    assert resolver.resolve_turn("staff", at_once=4, most=16) == hang + 1

    assert hanging.waited == [True] * hang


def test_a_turn_does_not_go_on_for_ever_beside_slow_calls(world, monkeypatch):
    monkeypatch.setattr(resolver, "LONGEST_TURN", 0)
    ask_many(world, world.page, first=10001, batches=1)
    ask_many(world, harbour_desk(), first=70001, batches=2)
    hanging = Hanging(world, monkeypatch, others=2 * BATCH_SIZE, seconds=0.5)

    assert resolver.resolve_turn("staff", at_once=4, most=2) == 2

    assert hanging.waited == [False]


def known_ids(world) -> list:
    """IDs of four apps and Pages: four credentials, so four batches."""
    pages = {page.graph_id: page for page in Page.objects.select_related("business", "managed_by")}
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

    resolver.resolve_turn("staff", at_once=1, most=1)

    lookup.refresh_from_db()
    assert lookup.state == state
    assert Run.objects.get().retries == 23
    if state == "done":
        assert (lookup.apps_outcome, lookup.pages_outcome) == ("failed", "failed")
        assert "idlink gave up after 1 try; ask again later." in lookup.why
