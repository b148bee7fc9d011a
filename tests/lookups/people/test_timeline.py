"""The timeline of a person: that it was found follows from the answer in which its founding ID was seen first."""

import pytest
from django.utils import timezone

from lookups.evidence import decisions
from lookups.models import Decision, Person
from lookups.people.known import known_of
from lookups.people.timeline import FirstSight, TimelineEntry, timeline
from tests.lookups.people_of_johns import (
    ASID,
    FAN_PAGE,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    PAGE,
    PSID,
    asker,
    let_pass,
    scoped,
)
from tests.makers import NOW, make_business


@pytest.fixture
def ask(world):
    return asker(world)


def found(person: Person) -> TimelineEntry:
    (entry,) = [entry for entry in timeline(known_of(person)) if entry.kind == "found"]
    return entry


def sight_of(person: Person) -> FirstSight:
    sight = found(person).subject
    assert isinstance(sight, FirstSight)
    return sight


def test_a_person_was_found_by_the_answer_that_named_its_founding_id_first(ask):
    lookup = ask(PAGE, PSID)
    founder = scoped(GAME_APP, GAME_ASID)

    sight = sight_of(founder.person)

    assert founder.public_id == founder.person.public_id
    assert sight.answer
    assert (sight.answer.lookup, sight.ids) == (lookup, 3)
    assert found(founder.person).at == sight.answer.at == founder.first_seen


def test_a_person_whom_no_other_id_leads_to_was_found_by_the_answer_about_its_own(ask):
    lookup = ask(FAN_PAGE, "00123456789")
    (founder,) = scoped(FAN_PAGE, "00123456789").person.scoped_ids.all()

    sight = sight_of(founder.person)

    assert sight.answer
    assert (sight.answer.lookup, sight.ids) == (lookup, 1)


def test_what_a_later_answer_adds_or_repeats_changes_nothing_of_it(ask):
    first = ask(MOVIE_APP, ASID, hours=1)
    ask(PAGE, PSID, hours=1)
    ask(MOVIE_APP, ASID)

    sight = sight_of(scoped(MOVIE_APP, ASID).person)

    assert sight.answer
    assert sight.answer.lookup == first


def test_a_part_that_was_split_off_was_not_found_but_split_off(world, ask):
    ask(PAGE, PSID)
    whole = scoped(GAME_APP, GAME_ASID).person
    ends = scoped(PAGE, PSID), scoped(GAME_APP, GAME_ASID)
    decisions.decide(Decision.Kind.RETRACT, *ends, reason="so", by=world.user, now=timezone.now())

    part = scoped(PAGE, PSID).person
    entries = timeline(known_of(part))

    assert part != whole
    assert "found" not in [entry.kind for entry in entries]
    (split,) = [entry.subject for entry in entries if entry.kind == "person"]
    assert (split.kind, split.person, split.other, split.ids) == ("split", whole, part, 2)
    assert found(whole)


def test_a_person_that_was_joined_and_split_again_was_found_all_the_same(world, ask):
    ask(PAGE, PSID, hours=1)
    ask(MOVIE_APP, OMAR_ASID)
    john, omar = scoped(PAGE, PSID), scoped(MOVIE_APP, OMAR_ASID)
    own = omar.person
    asserted = decisions.decide(Decision.Kind.ASSERT, john, omar, reason="so", by=world.user, now=timezone.now())
    decisions.undo(asserted, reason="no", by=world.user, now=timezone.now())

    assert scoped(MOVIE_APP, OMAR_ASID).person == own
    assert sight_of(own).answer


def test_a_person_made_without_any_answer_is_found_by_nothing(db):
    business = make_business()
    person = Person.objects.create(business=business, public_id="P", created_at=NOW)
    assert timeline(known_of(person)) == []

    asset = business.assets.create(kind="app", graph_id="1", name="Shop")
    person.scoped_ids.create(business=business, asset=asset, value="1", public_id="P", first_seen=NOW)

    assert sight_of(person) == FirstSight(person, None, None)


def test_the_latest_stands_first(ask):
    ask(PAGE, PSID, hours=2)
    ask(MOVIE_APP, ASID)
    let_pass(1)

    entries = timeline(known_of(scoped(PAGE, PSID).person))

    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    assert entries[-1].at == found(scoped(PAGE, PSID).person).at
