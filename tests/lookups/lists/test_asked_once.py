"""Graph is asked about each person of a list once, as the sandbox counts it: for any list, order and length."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import Asset
from lookups.asking.starting import ask_again
from lookups.asking.tallies import audit, sum_of
from lookups.lists import choosing, feeding
from lookups.management.invariants import invariants
from lookups.models import Answer, Ending, Lookup, Person, QuotaPool, Run, State
from lookups.models.outcomes import Outcome
from tests.lookups.list_runs import ask_batch, make_list
from tests.lookups.lists.people_lists import (
    Row,
    asked_nodes,
    let_all_become_stale,
    list_of,
    rows_of_people,
    work_as_tasks_do,
)
from tests.lookups.people_of_johns import ASID, MOVIE_APP, PAGE, PSID, asset, scoped

pytestmark = [pytest.mark.database, pytest.mark.timeout(300)]
FEW, MANY, AT_MOST, AT_ONCE = 40, 240, 1.1, 80
FLAKY = {"error": {"code": 2, "status": 500, "is_transient": True}}


@pytest.fixture
def sandbox(start_sandbox):
    """A sandbox with many people; every call takes a moment, so that many are under way at once."""
    return start_sandbox("--people", str(2 * MANY), "--latency", "0.05")


def by_person(rows: list[Row]) -> list[Row]:
    return rows


def backwards(rows: list[Row]) -> list[Row]:
    return rows[::-1]


def by_asset(rows: list[Row]) -> list[Row]:
    return sorted(rows)


def shuffled(rows: list[Row]) -> list[Row]:
    return random.Random(14).sample(rows, len(rows))


def in_turns(rows: list[Row]) -> list[Row]:
    """Asset by asset, every other one backwards: who is asked last in one is asked first in the next."""
    groups = [[row for row in sorted(rows) if row[0] == graph_id] for graph_id in sorted({row[0] for row in rows})]
    return [row for n, group in enumerate(groups) for row in (group if n % 2 else group[::-1])]


ORDERS = [in_turns, *(pytest.param(o, marks=pytest.mark.long) for o in (shuffled, by_person, backwards, by_asset))]


@pytest.mark.parametrize("order", ORDERS)
def test_questions_are_hardly_more_than_people_in_whatever_order_their_ids_stand(
    world, sandbox, order: Callable, monkeypatch
):
    monkeypatch.setattr(choosing, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(choosing, "CHUNK", AT_ONCE)
    rows = order(rows_of_people(MANY))

    run = work_as_tasks_do(list_of(rows))

    asked = asked_nodes(sandbox)
    assert (run.state, run.rows, run.failed, run.refused) == (Run.State.DONE, len(rows), 0, 0)
    assert MANY <= len(asked) <= AT_MOST * MANY + AT_ONCE
    assert len(set(asked)) == len(asked)
    assert Person.objects.count() == MANY
    assert run.fresh == len(rows) - len(asked)
    assert sum_of(run) == audit(run)


def test_a_list_that_is_longer_than_what_is_fed_ahead_asks_no_more(world, sandbox, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 100)
    monkeypatch.setattr(choosing, "CHUNK", 50)
    monkeypatch.setattr(choosing, "AT_ONCE", 50)

    run = work_as_tasks_do(list_of(shuffled(rows_of_people(MANY))))

    assert run.state == Run.State.DONE
    assert MANY <= len(asked_nodes(sandbox)) <= AT_MOST * MANY + 50


@pytest.mark.parametrize("order", [by_person, pytest.param(shuffled, marks=pytest.mark.long)])
def test_a_short_list_of_known_people_asks_for_one_id_of_each(world, sandbox, order: Callable):
    rows = order(rows_of_people(FEW))
    work_as_tasks_do(list_of(rows))
    let_all_become_stale()
    before = len(asked_nodes(sandbox))

    run = work_as_tasks_do(list_of(rows))

    assert run.state == Run.State.DONE
    assert len(asked_nodes(sandbox)) - before == FEW


def test_an_id_that_an_answer_covered_since_it_became_a_lookup_is_not_asked(world, sandbox):
    run = list_of([(PAGE, PSID), (MOVIE_APP, ASID)])
    while feeding.feed(timezone.now()):
        pass
    assert Lookup.objects.filter(state=State.WAITING).count() == 2

    ask_batch("bulk")
    ask_batch("bulk")
    feeding.feed(timezone.now())

    run.refresh_from_db()
    assert (run.state, run.linked, run.fresh) == (Run.State.DONE, 1, 1)
    assert sum_of(run) == audit(run)
    assert Answer.objects.count() == len(asked_nodes(sandbox)) == 1
    spared = Lookup.objects.get(ending=Ending.FRESH)
    assert (spared.apps_outcome, spared.pages_outcome) == (Outcome.NOT_ASKED, Outcome.NOT_ASKED)
    assert not [name for name, rows in invariants().items() if rows.exists()]


def test_an_id_that_waits_to_be_tried_again_is_not_asked_if_another_answer_covers_it_meanwhile(world, sandbox):
    sandbox.control("rules", [{"match": {"item": True}, "action": FLAKY, "times": 1}])
    run = list_of([(PAGE, PSID), (MOVIE_APP, ASID)])
    feeding.feed(timezone.now())
    ask_batch("bulk")
    QuotaPool.objects.all().delete()

    run = work_as_tasks_do(run)
    assert run.linked == 1
    Lookup.objects.filter(state=State.WAITING).update(not_before=None)
    run = work_as_tasks_do(run)

    assert (run.state, run.linked, run.fresh) == (Run.State.DONE, 1, 1)
    assert len(asked_nodes(sandbox)) == 2


def test_what_a_person_asks_is_asked_though_it_is_fresh(world, sandbox):
    work_as_tasks_do(make_list(world.page, PSID))

    ask_again(person=scoped(PAGE, PSID).person, by=world.user, now=timezone.now())
    ask_batch("staff")

    assert len(asked_nodes(sandbox)) == 2


def test_an_app_that_gets_no_calls_for_now_lets_the_next_one_go(world, monkeypatch):
    monkeypatch.setattr(choosing, "AT_ONCE", 0)
    list_of([(MOVIE_APP, ASID), (PAGE, PSID)])
    app = asset(MOVIE_APP)
    QuotaPool.objects.create(
        business=app.business, asset=app, seen_at=timezone.now(), wait_until=timezone.now() + timedelta(hours=1)
    )

    while feeding.feed(timezone.now()):
        pass
    ask_batch("bulk")

    assert dict(Lookup.objects.values_list("value", "state")) == {PSID: State.DONE}


def test_an_app_waits_for_the_one_before_it_once_the_first_rows_are_out(world, monkeypatch):
    monkeypatch.setattr(choosing, "AT_ONCE", 1)
    run = list_of([(MOVIE_APP, ASID), (PAGE, PSID)])

    while feeding.feed(timezone.now()):
        pass

    assert Lookup.objects.count() == 1
    assert (sum_of(run).waiting, sum_of(run).meets) == (2, True)
    assert Asset.objects.filter(pk=Lookup.objects.get().asset_id).exists()
