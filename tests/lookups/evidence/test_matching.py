"""Answers into scoped IDs, matches and persons."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lookups.evidence.matching import learn
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.models import Answer, Lookup, Match, Person, PersonEvent, Run, ScopedID
from lookups.models.outcomes import Edge
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class World:
    """A business with two apps and a Page, and answers made of a few letters."""

    def __init__(self) -> None:
        self.business = make_business()
        self.app = make_app(self.business, "one")
        self.other_app = make_app(self.business, "two")
        self.page = make_page(self.business, self.app)
        self.run = Run.objects.create(business=self.business, kind=Run.Kind.ONE, created_at=NOW)

    def asid(self, value: str) -> Node:
        return Node(self.app, value)

    def psid(self, value: str) -> Node:
        return Node(self.page, value)

    def finding(self, source: Node, *targets: Node, minutes: int = 0) -> Finding:
        lookup = Lookup.objects.create(
            business=self.business, run=self.run, asset=self.page, value=source.value, created_at=NOW
        )
        answer = Answer.objects.create(
            business=self.business, lookup=lookup, attempt=1, at=NOW + timedelta(minutes=minutes),
            edges="ids_for_apps,ids_for_pages", complete=True, token_fingerprint="f", version_asked="v26.0",
        )  # fmt: skip
        return Finding(answer, source, tuple(AnswerRow("ids_for_apps", target, "0" * 64) for target in targets))

    def learn(self, *findings: Finding) -> None:
        learn(self.business, findings)


@pytest.fixture
def world():
    return World()


def groups() -> set[frozenset[str]]:
    """The persons as sets of IDs."""
    persons = Person.objects.prefetch_related("scoped_ids")
    return {frozenset(str(row) for row in p.scoped_ids.all()) for p in persons if p.scoped_ids.all()}


def test_an_answer_makes_one_person_of_all_its_ids(world):
    world.learn(world.finding(world.psid("1"), world.asid("2"), Node(world.other_app, "3")))

    assert groups() == {frozenset({"PSID 1", "ASID 2", "ASID 3"})}
    assert Match.objects.count() == 2


def test_an_empty_answer_makes_a_person_with_the_one_id_asked_about(world):
    world.learn(world.finding(world.psid("1")))

    assert groups() == {frozenset({"PSID 1"})}


def test_the_same_digits_in_an_app_and_a_page_are_two_people(world):
    world.learn(world.finding(world.psid("77")), world.finding(world.asid("77")))

    assert groups() == {frozenset({"PSID 77"}), frozenset({"ASID 77"})}


def test_an_answer_that_connects_two_persons_joins_them_and_keeps_both_histories(world):
    world.learn(world.finding(world.psid("1"), minutes=0))
    world.learn(world.finding(world.asid("2"), minutes=5))
    older, younger = Person.objects.order_by("created_at")

    world.learn(world.finding(world.psid("1"), world.asid("2"), minutes=9))

    assert older.scoped_ids.count() == 2
    assert younger.now() == older
    joined = PersonEvent.objects.get(kind="joined")
    assert (joined.person, joined.other) == (younger, older)
    assert (joined.person, joined.other) == (younger, older)


def test_persons_and_public_ids_do_not_depend_on_the_order_of_answers(world):
    story = [
        ("1", ["2"], 0),
        ("3", ["4"], 1),
        ("1", ["4"], 2),
        ("5", [], 3),
    ]
    results = set()
    for order in permutations(story):
        with transaction.atomic():
            for source, targets, minutes in order:
                world.learn(world.finding(world.psid(source), *map(world.asid, targets), minutes=minutes))
            kept = Person.objects.get(scoped_ids__value="4")
            founder = ScopedID.objects.get(public_id=kept.public_id)
            results.add((frozenset(groups()), str(founder)))
            transaction.set_rollback(True)

    assert len(results) == 1
    (persons, founder), *_ = results
    assert persons == {frozenset({"PSID 1", "ASID 2", "PSID 3", "ASID 4"}), frozenset({"PSID 5"})}
    assert founder == "ASID 2"


def test_one_batch_gives_the_same_as_one_by_one(world):
    one_by_one = [
        world.finding(world.psid("1"), world.asid("2")),
        world.finding(world.asid("2"), world.asid("3")),
        world.finding(world.psid("9"), world.asid("3")),
    ]

    world.learn(*one_by_one)

    assert groups() == {frozenset({"PSID 1", "ASID 2", "ASID 3", "PSID 9"})}
    assert Person.objects.count() == 1


def test_an_answer_repeated_confirms_and_changes_nothing_else(world):
    world.learn(world.finding(world.psid("1"), world.asid("2")))
    first = Match.objects.get()

    world.learn(world.finding(world.psid("1"), world.asid("2"), minutes=30))

    again = Match.objects.get()
    assert again.first_answer == first.first_answer
    assert again.last_confirmed - first.last_confirmed == timedelta(minutes=30)
    assert PersonEvent.objects.count() == 0


def test_an_answer_stored_late_does_not_turn_back_the_last_confirmation(world):
    late = world.finding(world.psid("1"), world.asid("2"), minutes=0)
    world.learn(world.finding(world.psid("1"), world.asid("2"), minutes=30))

    world.learn(late)

    assert Match.objects.get().last_confirmed == NOW + timedelta(minutes=30)


def test_a_batch_of_fifty_takes_as_many_queries_as_one_of_five(world):
    def queries(start: int, size: int) -> int:
        findings = [world.finding(world.psid(str(n)), world.asid(str(n + 100000))) for n in range(start, start + size)]
        with CaptureQueriesContext(connection) as captured:
            world.learn(*findings)
        # SQLite takes so many values a statement: what is inserted in parts counts once.
        return len({re.sub(r"\(.*", "", query["sql"], flags=re.DOTALL) + query["sql"][:8] for query in captured})

    assert queries(1000, 50) == queries(2000, 5)


@pytest.mark.parametrize("value", ["", "12a", "１２３", "1" * 33, "-1", " 1"])
def test_the_database_refuses_a_value_that_is_not_digits(world, value):
    person = Person.objects.create(business=world.business, public_id="X", created_at=NOW)

    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        ScopedID.objects.create(business=world.business, asset=world.app, person=person, value=value, first_seen=NOW)

    assert not ScopedID.objects.exists()


def test_the_database_refuses_a_match_without_its_answer(world):
    world.learn(world.finding(world.psid("1"), world.asid("2")))

    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.update(first_answer=None)


def test_the_database_refuses_a_second_answer_to_one_attempt(world):
    second = world.finding(world.psid("1")).answer
    second.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)

    second.attempt = 2
    second.save(force_insert=True)


@pytest.mark.parametrize("columns", [{"is_live": False}, {"state": "withdrawn"}])
def test_the_database_refuses_a_match_that_counts_otherwise_than_its_state_says(world, columns):
    world.learn(world.finding(world.psid("1"), world.asid("2")))

    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.update(**columns)

    Match.objects.update(state="withdrawn", is_live=False)


def test_the_row_of_the_id_asked_about_is_no_match_with_itself(world):
    world.learn(world.finding(world.psid("1"), world.psid("1"), world.asid("2")))

    assert [str(match) for match in Match.objects.all()] == ["PSID 1 → ASID 2"]


def test_an_answer_stored_late_does_not_bring_back_what_a_newer_one_lacks(world):
    psid, asid, covers = world.psid("1"), world.asid("2"), {Edge.APPS: None}
    late = replace(world.finding(psid, asid, minutes=30), covers=covers)
    world.learn(replace(world.finding(psid, asid, minutes=0), covers=covers))
    world.learn(replace(world.finding(psid, minutes=60), covers=covers))
    assert Match.objects.get().state == "unconfirmed"

    world.learn(late)

    assert Match.objects.get().state == "unconfirmed"


def test_an_older_answer_stored_late_takes_no_link_away(world):
    psid, covers = world.psid("1"), {Edge.APPS: None}
    late = replace(world.finding(psid, minutes=30), covers=covers)
    world.learn(replace(world.finding(psid, world.asid("2"), minutes=60), covers=covers))

    world.learn(late)

    assert Match.objects.get().state == "confirmed"


def test_an_answer_to_another_apps_token_takes_no_link_away(world):
    psid, covers = world.psid("1"), {Edge.APPS: None}
    world.learn(replace(world.finding(psid, world.asid("2")), covers=covers))
    to_another = replace(world.finding(psid, minutes=60), covers=covers)
    to_another.answer.calling_app = world.other_app
    to_another.answer.save()

    world.learn(to_another)
    assert Match.objects.get().state == "confirmed"

    world.learn(replace(world.finding(psid, minutes=90), covers=covers))
    assert Match.objects.get().state == "unconfirmed", "the same app's does"
