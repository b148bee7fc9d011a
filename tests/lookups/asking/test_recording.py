"""Several batches stored in one transaction: each with its own credential, each fenced by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.credentials import opened
from businesses.models import AccessToken
from lookups.asking import recording, resolver
from lookups.asking.claiming import claim
from lookups.asking.ending import MOST_ATTEMPTS
from lookups.asking.planning import plan
from lookups.asking.reports import AskedBatch, Reported
from lookups.asking.starting import ask_about
from lookups.graph import ProofRefused, TokenRefused, TooManyCalls, UnderPolicyReview
from lookups.models import Answer, FreshnessCount, Lookup, Person, Run, ScopedID, State, bulk
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.database]


def claimed(world) -> list[list[Lookup]]:
    """Two batches of one business: one asked with a Page's token, one with an app's."""
    for asset, value in ((world.page, "12345123"), (world.app, "645195294")):
        ask_about(asset=asset, value=value, by=world.user, now=timezone.now())
    return claim("staff", now=timezone.now(), most=2)


def answered(lookups: list[Lookup]) -> AskedBatch:
    """A batch with the sandbox's replies."""
    credential = plan(lookups[0].asset).credential
    replies = resolver._ask([resolver._question(lookup) for lookup in lookups], opened(credential))
    reported = [Reported(*pair) for pair in zip(lookups, replies, strict=True)]
    return AskedBatch(reported, credential, timezone.now())


def test_batches_of_two_credentials_are_stored_together(world):
    recording.record_together([answered(lookups) for lookups in claimed(world)], now=timezone.now())

    fingerprints = {answer.lookup.value: answer.token_fingerprint for answer in Answer.objects.all()}
    of_page, of_app = AccessToken.objects.get(asset=world.page), AccessToken.objects.get(asset=world.app)
    assert fingerprints == {"12345123": of_page.fingerprint, "645195294": of_app.fingerprint}
    assert of_page.last_check.last_used_at
    assert of_app.last_check.last_used_at
    assert Person.objects.count() == 1, "the second answer is about somebody of the first"
    assert {lookup.scoped_id.value for lookup in Lookup.objects.all()} == {"12345123", "645195294"}


def test_a_batch_whose_lease_was_lost_changes_nothing_while_the_other_is_stored(world):
    mine, lost = [answered(lookups) for lookups in claimed(world)]
    Lookup.objects.filter(pk=lost.reported[0].lookup.pk).update(attempt=2)

    recording.record_together([mine, lost], now=timezone.now())

    assert dict(Lookup.objects.values_list("value", "state")) == {"12345123": State.DONE, "645195294": State.CLAIMED}
    assert [answer.lookup.value for answer in Answer.objects.all()] == ["12345123"]
    assert AccessToken.objects.get(asset=world.app).last_check.last_used_at is None


def test_nothing_is_stored_of_batches_whose_leases_were_all_lost(world):
    batches = [answered(lookups) for lookups in claimed(world)]
    Lookup.objects.update(attempt=2)

    recording.record_together(batches, now=timezone.now())

    assert not Answer.objects.exists()
    assert set(Lookup.objects.values_list("state", flat=True)) == {State.CLAIMED}


def test_nothing_is_stored_of_what_was_freed_since(world):
    batches = [answered(lookups) for lookups in claimed(world)]
    Lookup.objects.free()

    recording.record_together(batches, now=timezone.now())

    assert not Answer.objects.exists()
    assert set(Lookup.objects.values_list("state", flat=True)) == {State.WAITING}


def test_batches_together_take_fewer_statements_than_one_by_one(world):
    batches = [answered(lookups) for lookups in claimed(world)]
    with CaptureQueriesContext(connection) as together:
        recording.record_together(batches, now=timezone.now())
    again = [answered(lookups) for lookups in claimed(world)]
    with CaptureQueriesContext(connection) as apart:
        for batch in again:
            recording.record_together([batch], now=timezone.now())

    assert len(together) < len(apart) * 3 / 4


def test_a_batch_that_cannot_be_stored_does_not_cost_the_others(world, monkeypatch):
    real = recording.record_together

    def broken(batches, **times):
        if any(one.lookup.value == "645195294" for batch in batches for one in batch.reported):
            raise ZeroDivisionError
        real(batches, **times)

    monkeypatch.setattr(recording, "record_together", broken)
    # Given together here: within a turn, calls that end at different times are recorded one by one.
    (bug,) = resolver._record_together([answered(lookups) for lookups in claimed(world)])

    assert isinstance(bug, ZeroDivisionError)
    assert dict(Lookup.objects.values_list("value", "state")) == {"12345123": State.DONE, "645195294": State.CLAIMED}


def test_what_cannot_be_stored_is_told_at_the_end_of_the_turn(world, monkeypatch):
    monkeypatch.setattr(recording, "record_together", lambda batches, **times: 1 / 0)
    ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())

    with pytest.raises(ZeroDivisionError):
        resolver.resolve_turn("staff", at_once=2)


@pytest.mark.parametrize("refusal", [TooManyCalls, TokenRefused, ProofRefused, UnderPolicyReview])
def test_a_lookup_that_was_asked_too_often_to_be_counted_ends_whatever_graph_says(world, refusal):
    ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    Lookup.objects.update(attempt=MOST_ATTEMPTS - 1)
    ((lookup,),) = claim("staff", now=timezone.now())
    credential = plan(lookup.asset).credential
    reported = [Reported(lookup, refusal("not now"))]

    recording.record(reported, credential, asked_at=timezone.now(), now=timezone.now())

    lookup.refresh_from_db()
    assert lookup.state == State.DONE
    assert lookup.apps_outcome
    assert lookup.why


def test_rows_inserted_by_one_statement_are_as_the_orm_would_store_them(db):
    business = make_business()
    page = make_page(business, make_app(business))
    person = Person(business=business, public_id="P1", created_at=NOW)
    ids = [ScopedID(business=business, asset=page, value=str(n), person=person, first_seen=NOW) for n in range(150)]
    count = FreshnessCount(business=business, held_up={"ö'\"\\": 1}, counted_at=NOW)
    for rows in ([person], ids, [count]):
        bulk.insert(rows)

    assert [ScopedID.objects.get(pk=row.pk).value for row in ids] == [row.value for row in ids]
    stored = FreshnessCount.objects.get(pk=count.pk)
    assert (stored.business, stored.picked_at, stored.held_up, stored.counted_at) == (
        business,
        None,
        {"ö'\"\\": 1},
        NOW,
    )
    assert ids[0].person_id == person.pk
    assert ids[0]._state.adding is False


def test_rows_updated_by_one_statement_get_each_its_own_values(db):
    business = make_business()
    page = make_page(business, make_app(business))
    run = Run.objects.create(business=business, kind=Run.Kind.ONE, created_at=NOW)
    lookups = [
        Lookup.objects.create(business=business, run=run, asset=page, value=str(n), created_at=NOW) for n in range(3)
    ]
    for number, lookup in enumerate(lookups):
        lookup.why, lookup.not_before, lookup.tries = f"%s {number}", NOW + timedelta(minutes=number), number
    lookups[1].not_before = None

    bulk.update(lookups, ["why", "not_before"])

    stored = [Lookup.objects.get(pk=lookup.pk) for lookup in lookups]
    assert [one.why for one in stored] == ["%s 0", "%s 1", "%s 2"]
    assert [one.not_before for one in stored] == [NOW, None, NOW + timedelta(minutes=2)]
    assert [one.tries for one in stored] == [0, 0, 0], "nothing but the named fields"
