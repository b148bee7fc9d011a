"""Lookups that wait for a token go on with it; a review in between must not hold them for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken
from lookups import feeding, holding, reviews
from lookups.models import Lookup, PolicyReview
from tests.lookups.lists import make_list, work

pytestmark = [pytest.mark.database]
PSID, ASID = "12345123", "645195294"


@pytest.fixture
def review(world) -> PolicyReview:
    now = timezone.now() - timedelta(hours=8)
    facts = {"opened_at": now, "last_answer_at": now, "next_probe_at": now, "message": "m"}
    return PolicyReview.objects.create(business=world.page.business, **facts)


def test_what_has_its_token_again_during_a_review_waits_for_its_end_and_may_probe_it(world, review):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    Lookup.objects.update(state="held", held_for="token")

    holding.release_for_tokens()

    assert Lookup.objects.get().held_for == "review"
    assert reviews.send_probe(review, now=timezone.now())
    assert work(run).linked == 1


def test_a_probe_is_never_one_whose_token_is_dead(world, review):
    make_list(world.page, PSID)
    make_list(world.app, ASID)
    feeding.feed(timezone.now())
    AccessToken.objects.get(page=world.page).mark_refused(because="expired", at=timezone.now())

    assert reviews.send_probe(review, now=timezone.now())

    assert Lookup.objects.get(is_probe=True).value == ASID


def test_without_any_token_that_works_no_probe_is_sent(world, review):
    make_list(world.page, PSID)
    feeding.feed(timezone.now())
    AccessToken.objects.get(page=world.page).mark_refused(because="expired", at=timezone.now())

    assert not reviews.send_probe(review, now=timezone.now())


def test_rows_under_review_are_not_fed_without_end(world, review, monkeypatch):
    monkeypatch.setattr(feeding, "FEED_AHEAD", 20)
    monkeypatch.setattr(feeding, "CHUNK", 10)
    make_list(world.page, *map(str, range(1000, 1100)))

    for _ in range(5):
        feeding.feed(timezone.now())

    assert Lookup.objects.filter(held_for="review").count() == 20
