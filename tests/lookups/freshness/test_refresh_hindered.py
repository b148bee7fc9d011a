"""What keeps the refresh from asking, and when it asks after all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import Business, TokenCheck
from lookups.freshness import refresh
from lookups.models import HeldFor, Lookup, Match, PolicyReview, QuotaPool, Run, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, answered_column
from tests.lookups.refreshing import (
    A_DAY,
    JOHN,
    fail_what_waits,
    learn,
    let_pass,
    make_person,
    make_stranger,
    refreshed,
    tick,
)
from tests.makers import NOW

pytestmark = [pytest.mark.database]


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
    fail_what_waits()

    let_pass(timedelta(hours=20))
    assert tick().made == 0
    let_pass(timedelta(hours=5))
    assert refreshed() == ["12345123"]


def test_an_id_that_lost_a_link_is_asked_once_though_the_answer_fails_to_come(world, sandbox):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    Match.objects.filter(target__value="10152368852405295").update(
        state="unconfirmed", missing_since=timezone.now() - 2 * A_DAY
    )
    ScopedID.objects.update(**dict.fromkeys(map(answered_column, Edge), timezone.now() - 2 * A_DAY))
    first = refresh.pick(timezone.now())
    fail_what_waits()
    let_pass(timedelta(hours=2))

    assert first.made == 1
    assert tick().made == 0
    let_pass(A_DAY)
    assert tick().made == 1


def test_a_limit_that_is_nearly_used_up_is_left_to_people(world):
    make_person(world, "12345123", days=31)
    QuotaPool.objects.create(
        business=world.page.business, asset=world.page, percent=85, seen_at=timezone.now(),
        bulk_wait_until=timezone.now() + timedelta(minutes=30),
    )  # fmt: skip

    assert dict(tick().skipped) == {"quota": 1}
    let_pass(timedelta(hours=1))
    assert tick().made == 1


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


def test_a_business_that_can_not_be_refreshed_stops_no_other(world, monkeypatch, caplog):
    other = make_stranger(days=40).business
    allowance = refresh._allowance

    def broken_for_others(business_pk, now):
        if business_pk != other.pk:
            raise RuntimeError("a bug")
        return allowance(business_pk, now)

    monkeypatch.setattr(refresh, "_allowance", broken_for_others)

    assert tick().made == 1
    assert f"Nothing was refreshed of business {world.page.business.pk}" in caplog.text
