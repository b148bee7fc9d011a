"""Retract, assert, keep apart: previewed, done, undone at any depth; preview and act give the same persons."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lookups.evidence import decisions
from lookups.evidence.decisions import CannotDecide
from lookups.models import Decision, Match, MatchEvent, Person, PersonEvent
from lookups.people.history import as_of
from lookups.people.known import known_of
from lookups.people.timeline import timeline
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    asker,
    let_pass,
    persons,
    scoped,
    states,
)

pytestmark = [pytest.mark.database]
Kind = Decision.Kind
JOHN = frozenset({f"PSID {PSID}", f"ASID {ASID}", f"ASID {GAME_ASID}"})
OMAR = frozenset({f"PSID {OMAR_PSID}", f"ASID {OMAR_ASID}"})


@pytest.fixture
def john(world):
    asker(world)(PAGE, PSID, hours=1)
    return scoped(PAGE, PSID)


@pytest.fixture
def omar(world, john):
    asker(world)(PAGE, OMAR_PSID, hours=1)
    return scoped(PAGE, OMAR_PSID)


@pytest.fixture
def decide(world):
    return lambda kind, one, other: decisions.decide(
        kind, one, other, reason="Because.", by=world.user, now=timezone.now()
    )


@pytest.fixture
def undo(world):
    return lambda decision: decisions.undo(decision, reason="After all.", by=world.user, now=timezone.now())


def sets(groups) -> set[frozenset[str]]:
    return {frozenset(str(member) for member in group) for group in groups}


def everything() -> set[tuple[str, frozenset[str]]]:
    """Give persons with their public IDs."""
    people = Person.objects.prefetch_related("scoped_ids")
    return {
        (person.public_id, frozenset(str(row) for row in person.scoped_ids.all()))
        for person in people
        if person.scoped_ids.all()
    }


def test_retracting_a_link_is_previewed_done_and_undone(john, decide, undo):
    game, before = scoped(GAME_APP, GAME_ASID), everything()
    preview = decisions.preview(Kind.RETRACT, john, game)
    assert sets(preview.before) == {JOHN}
    assert everything() == before

    decision = decide(Kind.RETRACT, john, game)

    assert persons() == sets(preview.after) == {JOHN - {f"ASID {GAME_ASID}"}, frozenset({f"ASID {GAME_ASID}"})}
    assert states()[f"PSID {PSID} → ASID {GAME_ASID}"] == "retracted"
    undone = decisions.preview_undo(decision)
    undo(decision)
    assert sets(undone.after) == {JOHN}
    assert everything() == before
    kinds = [event.kind for event in MatchEvent.objects.filter(match__target__value=GAME_ASID)]
    assert kinds == ["retracted", "restored"]


def test_asserting_a_link_joins_two_persons_and_its_undo_parts_them(john, omar, decide, undo):
    before = everything()
    assert sets(decisions.preview(Kind.ASSERT, john, omar).after) == {JOHN | OMAR}

    decision = decide(Kind.ASSERT, john, omar)

    assert persons() == {JOHN | OMAR}
    match = Match.objects.get(edge="by_hand")
    assert (match.asserted_by, match.first_answer, match.shown_state) == (decision, None, "asserted")
    undo(decision)
    assert everything() == before
    decide(Kind.ASSERT, john, omar)
    assert persons() == {JOHN | OMAR}


def test_join_join_retract_the_first_equals_never_having_joined_it(john, omar, world, decide, undo):
    asker(world)(GAME_APP, "10150000000000017")
    third = scoped(GAME_APP, "10150000000000017")
    second = decide(Kind.ASSERT, omar, third)
    only_second = everything()
    undo(second)

    first = decide(Kind.ASSERT, john, omar)
    decide(Kind.ASSERT, omar, third)
    undo(first)

    assert everything() == only_second


def test_kept_apart_and_taken_back(john, decide, undo):
    movie, before = scoped(MOVIE_APP, ASID), everything()

    decision = decide(Kind.KEEP_APART, john, movie)

    assert not any({f"PSID {PSID}", f"ASID {ASID}"} <= person for person in persons())
    undo(decision)
    assert everything() == before


def test_the_history_tells_of_splits_and_joins_with_who_decided(john, world, decide, undo):
    decision = decide(Kind.RETRACT, john, scoped(GAME_APP, GAME_ASID))
    undo(decision)

    told = [(event.kind, event.decision) for event in PersonEvent.objects.order_by("pk")]
    assert told == [("split", decision), ("joined", decision)]
    assert {moment.kind for moment in timeline(known_of(scoped(PAGE, PSID).person))} == {
        "found", "person", "match", "event", "decision",
    }  # fmt: skip


def test_the_address_of_a_person_that_was_split_off_and_joined_again_leads_on(john, decide, undo):
    decision = decide(Kind.RETRACT, john, scoped(GAME_APP, GAME_ASID))
    parts = set(Person.objects.all())
    undo(decision)

    assert {person.now() for person in parts} == {scoped(PAGE, PSID).person}


@pytest.mark.parametrize(
    ("kind", "other", "why"),
    [
        (Kind.RETRACT, (PAGE, OMAR_PSID), "No live link connects"),
        (Kind.ASSERT, (GAME_APP, GAME_ASID), "connects these two IDs already"),
        (Kind.RETRACT, (PAGE, PSID), "one and the same ID"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(john, omar, decide, kind, other, why):
    before = everything()
    for act in (decide, decisions.preview):
        with pytest.raises(CannotDecide, match=why):
            act(kind, john, scoped(*other))

    assert everything() == before
    assert not Decision.objects.exists()


def test_a_decision_wants_a_reason_and_is_taken_back_once(john, world, decide, undo):
    game = scoped(GAME_APP, GAME_ASID)
    with pytest.raises(CannotDecide, match="reason"):
        decisions.decide(Kind.RETRACT, john, game, reason="  ", by=world.user, now=timezone.now())
    decision = decide(Kind.RETRACT, john, game)
    undo(decision)

    with pytest.raises(CannotDecide, match="already"):
        undo(decision)


def test_ids_of_two_businesses_are_never_decided_about_together(john, world, decide):
    asker(world)("601926256515072", "1457183521")
    other = scoped("601926256515072", "1457183521")

    for kind in (Kind.ASSERT, Kind.KEEP_APART):
        with pytest.raises(CannotDecide, match="do not belong to one business"):
            decide(kind, john, other)


def test_a_person_as_of_a_past_moment_is_what_was_shown_then(john, omar, world, decide, undo):
    recorded = []

    def record() -> None:
        now, person = timezone.now(), scoped(PAGE, PSID).person
        past = as_of(person, now)
        live = {str(link.match): link.state for link in past.links}
        recorded.append((now, person, {str(member) for member in past.members}, live))

    record()
    decision = decide(Kind.ASSERT, john, omar)
    record()
    retraction = decide(Kind.RETRACT, john, scoped(GAME_APP, GAME_ASID))
    record()
    undo(decision)
    record()
    undo(retraction)
    record()

    assert [members for _, _, members, _ in recorded] == [
        JOHN, JOHN | OMAR, (JOHN | OMAR) - {f"ASID {GAME_ASID}"}, JOHN - {f"ASID {GAME_ASID}"}, JOHN,
    ]  # fmt: skip
    for at, person, members, live in recorded:
        past = as_of(person, at)
        assert past.public_id == person.public_id
        assert {str(member) for member in past.members} == members
        assert {str(link.match): link.state for link in past.links} == live


def test_before_anything_was_known_there_is_no_past(john):
    assert as_of(john.person, timezone.now() - timedelta(days=900)) is None


def test_an_id_that_came_later_is_not_in_the_past(world):
    ask = asker(world)
    ask(GAME_APP, GAME_ASID, hours=10)
    founder = scoped(GAME_APP, GAME_ASID).person
    then = timezone.now()
    let_pass(1)

    past = as_of(founder, then)

    assert past is not None
    assert past.public_id == founder.public_id
