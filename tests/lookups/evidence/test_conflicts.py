"""Each kind of conflict, made in the sandbox: found, shown by name, settled, and raised anew."""

import pytest
from django.utils import timezone

from businesses.models import Asset, Ownership
from lookups.asking import resolver
from lookups.asking.starting import ask_both, ask_cell
from lookups.evidence import decisions
from lookups.evidence.decisions import CannotDecide
from lookups.models import Conflict, Decision
from tests.lookups.people_of_johns import (
    ASID,
    FAN_PAGE,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    asker,
    asset,
    let_pass,
    persons,
    resolve,
    scoped,
    states,
)  # fmt: skip

pytestmark = [pytest.mark.database]
Kind = Conflict.Kind


@pytest.fixture
def ask(world):
    return asker(world)


@pytest.fixture
def moved(sandbox, ask):
    """John's ID in the game names Omar now; Graph had linked it to John before."""
    ask(PAGE, PSID, hours=48)
    ask(MOVIE_APP, OMAR_ASID, hours=1)
    sandbox.control(
        "people", {"move": {"asset": GAME_APP, "id": GAME_ASID}, "to": {"asset": MOVIE_APP, "id": OMAR_ASID}}
    )
    ask(MOVIE_APP, OMAR_ASID)


def running(kind: str = "") -> list[Conflict]:
    rows = Conflict.objects.filter(ended_at=None).select_related("one", "other", "settled_by")
    return [row for row in rows if kind in ("", row.kind)]


def test_people_as_they_are_contradict_nothing(ask):
    for graph_id, value in [
        (PAGE, PSID),
        (MOVIE_APP, ASID),
        (GAME_APP, GAME_ASID),
        (PAGE, OMAR_PSID),
        (MOVIE_APP, OMAR_ASID),
    ]:
        ask(graph_id, value)

    assert not Conflict.objects.exists()


def test_two_ids_of_one_app_or_page(moved):
    pairs = {frozenset((str(one.one), str(one.other))) for one in running(Kind.TWO_IDS)}

    assert pairs == {
        frozenset({f"ASID {ASID}", f"ASID {OMAR_ASID}"}),
        frozenset({f"PSID {PSID}", f"PSID {OMAR_PSID}"}),
    }


def test_one_id_proved_for_two_persons(moved, sandbox, ask):
    sandbox.control("rules", [{"match": {"node": PSID}, "action": {"error": {"code": 2, "status": 500}}}])
    ask(GAME_APP, GAME_ASID)
    sandbox.control("rules", [])
    ask(PAGE, PSID)

    assert [one.detail for one in running(Kind.TWO_PERSONS)] == [scoped(GAME_APP, GAME_ASID).public_id]


def test_the_two_directions_disagree(world, start_sandbox, settings, ask):
    settings.IDLINK_GRAPH_URL = start_sandbox("--switch=asids_give_pages=off").url
    resolver.graph_client.cache_clear()
    ask(PAGE, PSID)
    assert not running()

    ask(MOVIE_APP, ASID)

    (conflict,) = running()
    assert (conflict.kind, conflict.one.value, conflict.other.value) == (Kind.ONE_WAY, PSID, ASID)


@pytest.mark.parametrize(
    ("how", "kind", "detail"),
    [
        ("foreign", Kind.MOVED, "601926256515072"),
        ("wrong kind", Kind.WRONG_KIND, PAGE),
    ],
)
def test_rows_that_cannot_be_right_are_left_out_and_told(sandbox, ask, how, kind, detail):
    Asset.objects.filter(graph_id=detail).exclude(graph_id=PAGE).update(ownership=Ownership.OWN)
    rule = {"match": {"node": PSID}, "action": {"rows": how}}
    sandbox.control("rules", [rule])

    ask(PAGE, PSID)

    assert {(one.kind, one.detail) for one in running()} >= {(kind, detail)}
    assert persons() == {frozenset({f"PSID {PSID}"})}
    sandbox.control("rules", [])
    ask(PAGE, PSID)
    assert not running()
    assert Conflict.objects.filter(kind=kind, ended_at__isnull=False).exists()


def test_a_row_for_another_app_than_asked(world, sandbox, ask):
    ask(PAGE, PSID)
    sandbox.control("rules", [{"match": {"node": PSID}, "action": {"rows": "other asset"}}])
    ask_cell(person=scoped(PAGE, PSID).person, only=asset(GAME_APP), by=world.user, now=timezone.now())
    resolve()

    (conflict,) = running(Kind.OTHER_ASSET)
    assert conflict.detail == MOVIE_APP
    assert conflict.answer.lookup.only.graph_id == GAME_APP


def test_checking_both_lets_what_is_old_fall_away(moved, world, ask):
    conflict = running(Kind.TWO_IDS)[0]
    ask_both(one=conflict.one, other=conflict.other, by=world.user, now=timezone.now())
    resolve()
    for hours in (25, 0):
        for graph_id, value in [(PAGE, PSID), (MOVIE_APP, ASID), (GAME_APP, GAME_ASID)]:
            ask(graph_id, value)
        let_pass(hours)

    assert not running()
    assert frozenset({f"PSID {PSID}", f"ASID {ASID}"}) in persons()
    assert frozenset({f"PSID {OMAR_PSID}", f"ASID {OMAR_ASID}", f"ASID {GAME_ASID}"}) in persons()


def test_kept_apart_they_are_two_persons_whatever_answers_say(moved, world, ask):
    decide(world, Decision.Kind.KEEP_APART, scoped(MOVIE_APP, ASID), scoped(MOVIE_APP, OMAR_ASID))
    assert len(persons()) == 2
    assert not [one for one in running(Kind.TWO_IDS) if not one.settled_by]

    ask(PAGE, PSID)
    ask(MOVIE_APP, OMAR_ASID)

    assert len(persons()) == 2
    assert running(Kind.APART)
    assert all(one.is_open for one in running(Kind.APART))


def test_what_was_kept_apart_is_raised_anew_by_each_later_answer(moved, world, ask):
    decide(world, Decision.Kind.KEEP_APART, scoped(MOVIE_APP, ASID), scoped(MOVIE_APP, OMAR_ASID))
    assert running(Kind.APART)
    assert not any(one.is_open for one in running()), "the decision settles what it has cut itself"

    ask(MOVIE_APP, OMAR_ASID)

    (again,) = [one for one in running(Kind.APART) if one.is_open]
    decisions.accept(again, reason="We know.", by=world.user, now=timezone.now())
    assert not any(one.is_open for one in running(Kind.APART))
    ask(MOVIE_APP, OMAR_ASID)
    assert [one.is_open for one in running(Kind.APART)].count(True) == 1


def test_a_retracted_link_stays_retracted_and_is_raised_when_given_again(world, ask):
    ask(PAGE, PSID)
    decide(world, Decision.Kind.RETRACT, scoped(PAGE, PSID), scoped(GAME_APP, GAME_ASID))
    assert len(persons()) == 2
    assert not running()

    ask(PAGE, PSID)

    assert states()[f"PSID {PSID} → ASID {GAME_ASID}"] == "retracted"
    assert len(persons()) == 2
    assert [one.kind for one in running()] == [Kind.APART]


def test_a_retraction_holds_for_the_other_direction_too(world, ask):
    ask(PAGE, PSID)
    decide(world, Decision.Kind.RETRACT, scoped(PAGE, PSID), scoped(MOVIE_APP, ASID))
    decide(world, Decision.Kind.RETRACT, scoped(PAGE, PSID), scoped(GAME_APP, GAME_ASID))

    ask(MOVIE_APP, ASID)

    assert states()[f"ASID {ASID} → PSID {PSID}"] == "retracted"
    assert frozenset({f"PSID {PSID}"}) in persons()
    assert Kind.APART in {one.kind for one in running()}


def test_what_was_accepted_stays_so_when_it_is_found_again(moved, world):
    conflict = next(one for one in running(Kind.TWO_IDS) if one.one.kind == "ASID")
    accepted = decisions.accept(conflict, reason="Two accounts.", by=world.user, now=timezone.now())
    cut = decide(world, Decision.Kind.KEEP_APART, scoped(PAGE, PSID), scoped(PAGE, OMAR_PSID))

    decisions.undo(cut, reason="One person.", by=world.user, now=timezone.now())

    again = next(one for one in running(Kind.TWO_IDS) if one.one.kind == "ASID")
    assert again.settled_by == accepted


def test_an_accepted_conflict_is_settled_until_it_is_taken_back(moved, world):
    conflict = running(Kind.TWO_IDS)[0]
    decision = decisions.accept(conflict, reason="He has two accounts.", by=world.user, now=timezone.now())
    conflict.refresh_from_db()
    assert (conflict.is_open, conflict.settled_by) == (False, decision)
    with pytest.raises(CannotDecide):
        decisions.accept(conflict, reason="Again.", by=world.user, now=timezone.now())

    decisions.undo(decision, reason="He has not.", by=world.user, now=timezone.now())

    conflict.refresh_from_db()
    assert conflict.is_open


def test_a_conflict_of_another_person_is_not_touched(moved, ask):
    before = len(running())

    ask(FAN_PAGE, "00123456789")

    assert len(running()) == before


def decide(world, kind, one, other) -> Decision:
    return decisions.decide(kind, one, other, reason="Because.", by=world.user, now=timezone.now())
