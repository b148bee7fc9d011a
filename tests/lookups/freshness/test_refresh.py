"""Refresh: what is due is asked again by the fewest calls, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lookups.asking.starting import ask_about
from lookups.asking.tallies import sum_of
from lookups.evidence import decisions
from lookups.evidence.freshness import confirmed_since
from lookups.freshness import counting
from lookups.lists import running
from lookups.models import Decision, Match, Person, Run, ScopedID
from tests.lookups.people_of_johns import GAME_APP
from tests.lookups.refreshing import A_DAY, JOHN, learn, let_pass, make_person, refreshed, tick

pytestmark = [pytest.mark.database]


def test_what_was_confirmed_within_the_interval_is_not_asked(world):
    learn(world, world.page, "12345123")
    let_pass(29 * A_DAY)

    assert refreshed() == []
    assert not Run.objects.filter(kind=Run.Kind.REFRESH).exists()


def test_one_call_confirms_all_ids_of_a_person(world):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)

    assert refreshed() == ["12345123"]

    cutoff = timezone.now() - A_DAY
    assert ScopedID.objects.filter(confirmed_since(world.page.business, cutoff)).count() == len(JOHN)
    let_pass(29 * A_DAY)
    assert refreshed() == []
    let_pass(2 * A_DAY)
    assert refreshed() == ["12345123"]


def test_ids_that_an_answer_found_are_not_asked_before_they_are_due(world):
    make_person(world, "12345123", days=31)

    assert refreshed() == ["12345123"]
    assert set(ScopedID.objects.values_list("value", flat=True)) == set(JOHN)
    for _ in range(29):
        let_pass(A_DAY)
        assert refreshed() == []
    let_pass(A_DAY)
    assert refreshed() == ["12345123"]


def test_the_run_is_counted_and_ends(world):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    refreshed()
    run = Run.objects.get(kind=Run.Kind.REFRESH)
    assert (run.state, run.rows, run.linked) == (Run.State.GOING, 1, 1)

    tick()

    run.refresh_from_db()
    assert (run.state, run.why) == (Run.State.DONE, "")
    assert run.finished_at
    assert sum_of(run).meets


def test_a_link_that_is_gone_is_unconfirmed_and_after_the_next_refresh_withdrawn(world, sandbox):
    learn(world, world.page, "12345123")
    sandbox.control("people", {"uninstall": {"asset": GAME_APP, "id": "10152368852405295"}})
    link = Match.objects.get(target__value="10152368852405295")
    let_pass(31 * A_DAY)

    refreshed()
    link.refresh_from_db()
    assert link.state == "unconfirmed"
    assert refreshed() == []

    let_pass(timedelta(hours=25))
    assert refreshed() == ["12345123"]
    link.refresh_from_db()
    assert link.state == "withdrawn"
    assert refreshed() == []


def test_a_cancelled_run_ends_and_no_other_begins_at_once(world):
    make_person(world, "12345123", days=31)
    tick()
    run = Run.objects.get(kind=Run.Kind.REFRESH)
    running.cancel(run, by=world.user, now=timezone.now())

    assert tick().made == 0

    run.refresh_from_db()
    assert run.finished_at
    assert sum_of(run).meets
    let_pass(timedelta(hours=30))
    assert refreshed() == ["12345123"]


def test_two_ids_that_no_answer_connects_take_two_calls(world):
    learn(world, world.page, "12345123", "77001234567")
    one, other = (ScopedID.objects.get(value=value) for value in ("12345123", "77001234567"))
    ScopedID.objects.filter(person=other.person).update(person=one.person)
    let_pass(31 * A_DAY)

    assert refreshed() == ["12345123", "77001234567"]


def test_what_is_asked_already_is_not_asked_again(world):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())

    assert tick().made == 0


def test_what_was_joined_to_a_person_is_not_overlooked(world):
    """The older person's IDs come to one that was looked at and is fresh: they are due before that one is."""
    learn(world, world.page, "77001234567")
    let_pass(25 * A_DAY)
    make_person(world, "12345123", days=31)
    assert refreshed() == ["12345123"]
    let_pass(A_DAY)
    assert refreshed() == []
    john = ScopedID.objects.get(value="12345123")
    assert Person.objects.get(pk=john.person_id).confirmed_after

    omar = ScopedID.objects.get(value="77001234567")
    decisions.decide(Decision.Kind.ASSERT, john, omar, reason="same", by=world.user, now=timezone.now())
    let_pass(5 * A_DAY)

    assert refreshed() == ["77001234567"]


def test_the_count_equals_a_plain_one(world):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    learn(world, world.page, "77001234567")
    business = world.page.business

    counted = counting.count(business, timezone.now())

    fresh = ScopedID.objects.filter(business=business, person__scoped_ids__value="77001234567").count()
    assert (counted.ids, counted.confirmed, counted.is_met) == (ScopedID.objects.count(), fresh, False)
    assert counted.calls == {str(world.page.pk): 1}
    assert counted.held_up == {}
