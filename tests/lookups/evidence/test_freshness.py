"""What is fresh: an ID of which both edges were answered since, and whoever such answers name; nobody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import FacebookApp
from lookups.asking.starting import ask_about, ask_cell
from lookups.evidence import undoing
from lookups.evidence.freshness import confirmed_since
from lookups.freshness.counting import count
from lookups.models import Match, Run, ScopedID
from tests.lookups.imported import imported
from tests.lookups.list_runs import make_list, work
from tests.lookups.people_of_johns import MOVIE_APP, OMAR_PSID, PAGE, resolve
from tests.lookups.refreshing import A_DAY, JOHN, learn, let_pass, refreshed

pytestmark = [pytest.mark.database]
PSID, ASID, GAME_ASID = JOHN
NO_PAGES = {"match": {"item": True, "edge": "ids_for_pages"}, "action": {"error": {"code": 10, "status": 403}}}


def fresh(world) -> set[str]:
    """The values of the business's fresh IDs."""
    business = world.page.business
    since = confirmed_since(business, timezone.now() - timedelta(days=1))
    return set(ScopedID.objects.filter(since, business=business).values_list("value", flat=True))


def test_complete_answers_about_both_edges_cover_every_id_that_they_name(world):
    learn(world, world.page, PSID)

    assert fresh(world) == set(JOHN)
    assert work(make_list(world.app, ASID)).fresh == 1


def test_an_answer_about_one_edge_alone_covers_nobody_and_the_ids_it_names_are_asked(world, sandbox):
    sandbox.control("rules", [NO_PAGES])
    learn(world, world.page, PSID)
    assert set(ScopedID.objects.values_list("value", flat=True)) == set(JOHN)
    sandbox.control("rules", [])

    run = work(make_list(world.app, ASID))

    assert (run.fresh, run.linked) == (0, 1)
    assert fresh(world) == set(JOHN)


def test_a_filtered_answer_covers_nobody(world):
    learn(world, world.page, PSID)
    let_pass(31 * A_DAY)
    person = ScopedID.objects.get(value=PSID).person

    ask_cell(person=person, only=world.app, by=world.user, now=timezone.now())
    resolve()

    assert fresh(world) == set()


def test_who_is_missing_from_the_latest_answer_to_another_app_s_token_is_not_covered_by_it(world):
    learn(world, world.page, PSID)
    other = FacebookApp.objects.exclude(pk=world.page.managed_by_id).filter(business=world.page.business).first()
    Match.objects.filter(target__value=ASID).update(calling_app=other)

    assert fresh(world) == {PSID, GAME_ASID}


def test_the_refresh_asks_about_whom_an_answer_about_one_edge_named_and_then_rests(world, sandbox):
    learn(world, world.page, PSID)
    let_pass(31 * A_DAY)
    ScopedID.objects.filter(value=PSID).update(pages_answered_at=None)
    sandbox.control("rules", [{"match": {**NO_PAGES["match"], "node": PSID}, "action": NO_PAGES["action"]}])

    asked = [value for _ in range(3) for value in (*refreshed(), let_pass(A_DAY)) if value]

    assert set(asked) > {PSID}, "what the Page's token may not see, another one may"
    assert len(asked) == len(set(asked)), "nobody is asked twice"
    assert {ASID, GAME_ASID} <= fresh_within(world, days=4)


def fresh_within(world, *, days: int) -> set[str]:
    since = confirmed_since(world.page.business, timezone.now() - days * A_DAY)
    return set(ScopedID.objects.filter(since).values_list("value", flat=True))


def test_counting_finds_the_same(world, sandbox):
    sandbox.control("rules", [NO_PAGES])
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    resolve()

    counted = count(world.page.business, timezone.now())

    assert (counted.ids, counted.confirmed) == (3, 0)


def undo(world, run: Run) -> None:
    undoing.start_undoing(run, reason="Wrong file.", by=world.user, now=timezone.now())
    work_off(run)


def work_off(run: Run) -> None:
    while undoing.go_on_undoing(run.pk):
        pass


def test_ids_of_an_undone_import_are_not_fresh_and_a_new_import_asks_again(world):
    undo(world, imported(world, (PAGE, PSID), (PAGE, OMAR_PSID)))

    again = imported(world, (PAGE, PSID), (MOVIE_APP, ASID))

    assert (again.fresh, again.linked) == (0, 2)
    assert imported(world, (PAGE, PSID), (MOVIE_APP, ASID)).fresh == 2, "these answers count"


def test_what_an_import_confirmed_is_fresh_again_when_its_undo_is_taken_back(world):
    run = imported(world, (PAGE, PSID))
    undo(world, run)
    undoing.take_back(run, reason="Right file after all.", by=world.user, now=timezone.now())
    work_off(run)

    assert imported(world, (PAGE, PSID), (MOVIE_APP, ASID)).fresh == 2


def test_while_an_import_is_being_undone_nothing_of_it_is_fresh(world):
    undoing.start_undoing(imported(world, (PAGE, PSID)), reason="Wrong file.", by=world.user, now=timezone.now())

    assert imported(world, (MOVIE_APP, ASID)).fresh == 0
