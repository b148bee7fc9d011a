"""Refresh: what is due is asked again, the oldest first, by the fewest calls, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import Business, TokenCheck
from lookups.asking.starting import ask_about
from lookups.asking.tallies import sum_of
from lookups.evidence import decisions
from lookups.evidence.freshness import confirmed_since
from lookups.freshness import counting, refresh
from lookups.lists import running
from lookups.models import (
    Decision,
    FreshnessCount,
    HeldFor,
    Lookup,
    Match,
    Person,
    PolicyReview,
    QuotaPool,
    Run,
    ScopedID,
    State,
)
from tests.lookups.people_of_johns import resolve
from tests.lookups.refreshing import A_DAY, JOHN, learn, let_pass, make_person, refreshed, tick
from tests.makers import NOW, make_app, make_business, make_page, make_token

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


def test_an_id_that_lost_a_link_is_asked_once_though_the_answer_fails_to_come(world, sandbox):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    Match.objects.filter(target__value="10152368852405295").update(
        state="unconfirmed", missing_since=timezone.now() - 2 * A_DAY
    )
    ScopedID.objects.update(**dict.fromkeys(map(answered_column, Edge), timezone.now() - 2 * A_DAY))
    first = refresh.pick(timezone.now())
    fail()
    let_pass(timedelta(hours=2))

    assert first.made == 1
    assert tick().made == 0
    let_pass(A_DAY)
    assert tick().made == 1


def test_a_dead_token_lets_another_id_of_the_person_be_asked(world):
    learn(world, world.page, "12345123")
    TokenCheck.objects.filter(token__asset=world.page).update(refused_at=timezone.now(), refused_because="dead")
    let_pass(31 * A_DAY)

    assert len(asked := refreshed()) == 1
    assert asked[0] in JOHN[1:]


def test_who_can_not_be_asked_is_skipped_and_told_and_asked_when_there_is_a_token(world):
    learn(world, world.page, "12345123")
    TokenCheck.objects.update(refused_at=timezone.now(), refused_because="dead")
    let_pass(31 * A_DAY)

    picked = tick()
    assert (picked.made, dict(picked.skipped)) == (0, {"token_refused": 3})
    assert tick().looked_at == 0, "who was skipped waits for a while"

    TokenCheck.objects.update(refused_at=None)
    let_pass(timedelta(hours=1))
    assert refreshed() == ["12345123"]


@pytest.mark.parametrize(
    "hindrance",
    [
        lambda business: Business.objects.update(refreshes=False),
        lambda business: Business.objects.update(policy_confirmed_at=None),
        lambda business: Business.objects.update(refresh_days=0),
        lambda business: PolicyReview.objects.create(
            business=business, opened_at=NOW, last_answer_at=NOW, next_probe_at=timezone.now() + A_DAY, message="review"
        ),
    ],
    ids=["switched off", "policy not confirmed", "no interval", "under review"],
)
def test_a_business_is_left_alone(world, hindrance):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    hindrance(world.page.business)

    assert tick().made == 0


def test_an_id_that_can_not_be_read_is_not_asked_again_before_the_interval_has_passed(world):
    make_person(world, "424242", days=31)
    assert refreshed() == ["424242"]
    assert {Lookup.objects.get().outcome_of(edge) for edge in Edge} == {Outcome.NOT_VISIBLE}

    for _ in range(29):
        let_pass(A_DAY)
        assert refreshed() == []
    let_pass(2 * A_DAY)
    assert refreshed() == ["424242"]


def test_an_id_about_which_asking_failed_is_asked_again_a_day_later(world):
    make_person(world, "12345123", days=31)
    tick()
    fail()

    let_pass(timedelta(hours=20))
    assert tick().made == 0
    let_pass(timedelta(hours=5))
    assert refreshed() == ["12345123"]


def test_a_limit_that_is_nearly_used_up_is_left_to_people(world):
    make_person(world, "12345123", days=31)
    QuotaPool.objects.create(
        business=world.page.business, asset=world.page, percent=85, seen_at=timezone.now(),
        bulk_wait_until=timezone.now() + timedelta(minutes=30),
    )  # fmt: skip

    assert dict(tick().skipped) == {"quota": 1}
    let_pass(timedelta(hours=1))
    assert tick().made == 1


def test_every_business_gets_its_share_in_every_tick(world, monkeypatch):
    monkeypatch.setattr(refresh, "MOST_LOOKED_AT", 3)
    monkeypatch.setattr(refresh, "CHUNK", 3)
    for n in range(20):
        make_person(world, f"5550{n:03}", days=40)
    other = make_business("Other")
    make_token(page := make_page(other, make_app(other)))
    at = timezone.now() - 40 * A_DAY
    person = Person.objects.create(business=other, public_id="OTHER", created_at=at)
    ScopedID.objects.create(business=other, asset=page, value="1", person=person, first_seen=at)

    tick()

    assert Lookup.objects.filter(business=other).count() == 1
    assert Lookup.objects.filter(business=world.page.business).count() == 3


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


def test_a_paused_run_takes_no_more(world):
    learn(world, world.page, "12345123")
    Run.objects.create(
        business=world.page.business, kind=Run.Kind.REFRESH, created_at=timezone.now(), state=Run.State.PAUSED
    )
    let_pass(31 * A_DAY)

    assert tick().made == 0


def test_a_run_that_waits_for_a_token_does_not_hold_up_the_next_one_after_a_day(world):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    tick()
    Lookup.objects.filter(state=State.WAITING).update(state=State.HELD, held_for=HeldFor.TOKEN)
    TokenCheck.objects.filter(token__asset=world.page).update(refused_at=timezone.now(), refused_because="dead")
    let_pass(timedelta(hours=25))

    assert tick().made == 1
    assert Run.objects.filter(kind=Run.Kind.REFRESH, finished_at=None).count() == 2


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_does_no_harm(world, hours):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)

    made = [refresh.pick(timezone.now() + timedelta(hours=ahead)).made for ahead in (0, hours, 0, hours, 0)]
    resolve()
    made += [refresh.pick(timezone.now() + timedelta(hours=ahead)).made for ahead in (hours, 0, 2, hours)]

    assert made == [1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_the_oldest_go_first(world, monkeypatch):
    people = [make_person(world, f"55500{n}", days=31 + n) for n in range(8)]
    monkeypatch.setattr(refresh, "CHUNK", 2)
    monkeypatch.setattr(refresh, "AHEAD", 3)

    assert tick().made == 3

    asked = Lookup.objects.order_by("pk").values_list("scoped_id__person", flat=True)
    assert set(asked) == {person.pk for person in people[-3:]}


def test_one_tick_makes_no_more_than_its_share(world):
    for n in range(120):
        make_person(world, f"5550{n:03}", days=40)
    FreshnessCount.objects.create(business=world.page.business, counted_at=timezone.now(), days=30, people=120, ids=120)

    assert tick().made == refresh.FEWEST
    assert tick().made == refresh.FEWEST
    assert tick().made == 20


def test_what_falls_due_at_once_is_spread_over_a_tenth_of_the_interval(world):
    count = FreshnessCount.objects.create(
        business=world.page.business, counted_at=timezone.now(), days=30, people=4_320_000, ids=10_000_000
    )

    assert refresh._allowance(world.page.business.pk, timezone.now()) == 1000
    assert refresh._allowance(world.page.business.pk, timezone.now()) == 0, "another beat was here just now"
    count.refresh_from_db()
    assert count.picked_at


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


def test_fifty_people_are_fifty_calls_in_one_request(world, sandbox):
    for n in range(50):
        make_person(world, f"5550{n:03}", days=31)
    before = len(sandbox.journal())

    tick()
    resolve()

    paths = [entry["path"] for entry in sandbox.journal()[before:]]
    assert (len(paths), paths.count("/")) == (51, 1)


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


def test_a_business_that_can_not_be_refreshed_stops_no_other(world, monkeypatch, caplog):
    other = make_business("Other")
    make_token(page := make_page(other, make_app(other)))
    at = timezone.now() - 40 * A_DAY
    person = Person.objects.create(business=other, public_id="OTHER", created_at=at)
    ScopedID.objects.create(business=other, asset=page, value="1", person=person, first_seen=at)
    allowance = refresh._allowance

    def broken_for_others(business_pk, now):
        if business_pk != other.pk:
            raise RuntimeError("a bug")
        return allowance(business_pk, now)

    monkeypatch.setattr(refresh, "_allowance", broken_for_others)

    assert tick().made == 1
    assert f"Nothing was refreshed of business {world.page.business.pk}" in caplog.text
