"""A lookup's life: what each way from state to state writes, and that the database refuses all others."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from lookups.models import HeldFor, Lookup, PolicyReview, Run, State
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LEASE = NOW + timedelta(seconds=45)


@pytest.fixture
def lookup() -> Lookup:
    business = make_business()
    page = make_page(business, make_app(business))
    run = Run.objects.create(business=business, kind=Run.Kind.LIST, created_at=NOW)
    return Lookup.objects.create(business=business, run=run, asset=page, value="1", created_at=NOW)


def state_of(lookup: Lookup) -> tuple[str, str]:
    lookup.refresh_from_db()
    return lookup.state, lookup.held_for


def refused(lookup: Lookup, **columns: object) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Lookup.objects.filter(pk=lookup.pk).update(**columns)
    return str(error.value)


def review(lookup: Lookup) -> PolicyReview:
    return PolicyReview.objects.create(
        business=lookup.business, opened_at=NOW, last_answer_at=NOW, next_probe_at=NOW, message="m"
    )


def test_a_claim_counts_and_stands_under_a_lease(lookup):
    assert Lookup.objects.all().claim(LEASE) == 1

    assert state_of(lookup) == (State.CLAIMED, "")
    assert (lookup.attempt, lookup.tries, lookup.lease_until) == (1, 1, LEASE)


def test_whoever_holds_an_older_attempt_has_lost_it(lookup):
    Lookup.objects.all().claim(LEASE)
    mine = Lookup.objects.get()
    Lookup.objects.all().take_away(HeldFor.PAUSE)
    Lookup.objects.all().release()
    Lookup.objects.all().claim(LEASE)

    assert not Lookup.objects.still_of(mine).exists()
    assert Lookup.objects.still_of(Lookup.objects.get()).exists()


def test_what_is_taken_away_is_no_longer_its_workers(lookup):
    Lookup.objects.all().claim(LEASE)
    mine = Lookup.objects.get()

    Lookup.objects.all().take_away(HeldFor.PAUSE)

    assert state_of(lookup) == (State.HELD, HeldFor.PAUSE)
    assert lookup.attempt == mine.attempt + 1


def test_what_is_released_is_asked(lookup):
    Lookup.objects.all().hold(HeldFor.TOKEN)

    assert Lookup.objects.held(HeldFor.TOKEN).release() == 1
    assert state_of(lookup) == (State.WAITING, "")


def test_what_is_released_in_a_paused_run_waits_for_it(lookup):
    Lookup.objects.all().hold(HeldFor.TOKEN)
    Run.objects.update(state=Run.State.PAUSED)

    assert Lookup.objects.held(HeldFor.TOKEN).release() == 0
    assert state_of(lookup) == (State.HELD, HeldFor.PAUSE)


def test_what_is_released_during_a_review_waits_for_its_end(lookup):
    Lookup.objects.all().hold(HeldFor.TOKEN)
    review(lookup)

    assert Lookup.objects.held(HeldFor.TOKEN).release() == 0
    assert state_of(lookup) == (State.HELD, HeldFor.REVIEW)


def test_during_a_review_only_its_probe_is_to_be_asked(lookup):
    assert list(Lookup.objects.askable("staff", NOW)) == [lookup]
    review(lookup)

    assert not Lookup.objects.askable("staff", NOW).exists()

    Lookup.objects.update(is_probe=True)
    assert list(Lookup.objects.askable("staff", NOW)) == [lookup]


def test_what_is_given_up_is_done_and_can_be_asked_again(lookup):
    assert Lookup.objects.all().give_up("cancelled", now=NOW) == 1
    assert state_of(lookup) == (State.DONE, "")
    assert (lookup.apps_outcome, lookup.pages_outcome, lookup.ending) == ("not_asked", "not_asked", "refused")

    assert Lookup.objects.all().ask_again() == 1
    assert state_of(lookup) == (State.WAITING, "")
    assert (lookup.apps_outcome, lookup.ending, lookup.finished_at) == ("", "", None)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.CLAIMED},
        {"lease_until": LEASE},
        {"state": State.HELD},
        {"held_for": HeldFor.TOKEN},
        {"state": State.DONE},
        {"finished_at": NOW},
        {"ending": "linked"},
        {"state": State.HELD, "held_for": HeldFor.REVIEW, "is_probe": True},
    ],
)
def test_half_a_step_is_refused(lookup, columns):
    assert "constraint" in refused(lookup, **columns)
    assert state_of(lookup) == (State.WAITING, "")


@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.CLAIMED, "lease_until": LEASE, "finished_at": None, "ending": ""},
        {"state": State.HELD, "held_for": HeldFor.TOKEN, "finished_at": None, "ending": ""},
    ],
)
def test_what_is_done_is_neither_claimed_nor_held(lookup, columns):
    Lookup.objects.all().give_up("cancelled", now=NOW)

    assert "what is done is neither claimed nor held" in refused(lookup, **columns)
