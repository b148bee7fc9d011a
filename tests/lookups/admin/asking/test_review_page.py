"""The page of a review: what stopped, what works, what can be done, how it went, and the line on the start page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from businesses.models import AssetKind, Role, TokenCheck
from lookups.asking import holds
from lookups.asking.starting import ask_about
from lookups.freshness import counting
from lookups.models import Answer, FreshnessCount, PolicyReview
from tests.lookups.admin.pages import FIND
from tests.lookups.admin.searched import found
from tests.lookups.people_of_johns import resolve
from tests.makers import NOW
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(world) -> PolicyReview:
    """A review that a real answer of the sandbox has opened; one lookup was sent, one only waits."""
    ask_about(asset=world.lab_page, value="3456789013", by=world.user, now=timezone.now())
    resolve()
    ask_about(asset=world.lab_page, value="3456789014", by=world.user, now=timezone.now())
    return PolicyReview.objects.get()


def page_of(review: PolicyReview, role: Role = Role.STAFF) -> str:
    address = reverse("admin:lookups_policyreview_change", args=[review.pk])
    return text_of(member(review.business, role).get(address))


def test_it_tells_what_stopped_what_works_and_what_to_do(review):
    page = page_of(review)

    assert "2 lookups are held, not lost" in page
    assert "What still works" in page
    assert "Staff: nothing." in page
    assert "None of this is a promise" in page
    assert "about 48 hours" in page
    assert "The next held lookup is sent by itself." in page
    assert "Ask again now" in page


def test_the_timeline_names_the_first_answer_and_the_latest_by_their_trace_ids(review):
    first = Answer.objects.get(error="UnderPolicyReview")
    later = first.at + timedelta(hours=7)
    PolicyReview.objects.filter(pk=review.pk).update(
        last_answer_at=later, last_probe_at=later, answers=2, trace_id="Zz9"
    )

    page = page_of(review)

    began = page.index("for the first time")
    assert page.index(first.trace_id, began) < page.index("One held lookup was sent") < page.index("2 times in all")
    assert "Zz9" in page[page.index("2 times in all") :]


def test_how_long_earlier_ones_took_is_told_of_this_business_only(review, world):
    for business, hours in ((review.business, 53), (world.page.business, 7)):
        PolicyReview.objects.create(
            business=business, opened_at=NOW, last_answer_at=NOW, next_probe_at=NOW,
            closed_at=NOW + timedelta(hours=hours), message="x",
        )  # fmt: skip

    page = page_of(review)

    assert "Seen before with this business: 2 d 5 h; older" in page
    assert "7 h" not in page


def test_one_that_has_ended_says_how_long_it_took_and_offers_no_probe(review):
    holds.close_review(review.business, review.opened_at + timedelta(hours=30))
    review.refresh_from_db()

    page = page_of(review)

    assert "It took 1 d 6 h" in page
    assert "Graph answered again" in page
    assert "Ask again now" not in page
    assert "What you can do" not in page


def test_whoever_only_looks_is_offered_no_probe(review):
    assert "Ask again now" not in page_of(review, Role.VIEWER)


def test_asking_again_during_a_review_is_refused_within_the_hour(review):
    address = reverse("admin:lookups_policyreview_probe", args=[review.pk])

    response = member(review.business, Role.STAFF).post(address, follow=True)

    assert "Not sent: Graph was asked less than an hour ago" in text_of(response)


def test_banner_of_a_review_stands_on_every_page_of_its_business_only(review, world):
    inside, outside = member(review.business, Role.STAFF), member(world.page.business, Role.VIEWER)

    for address in (FIND, "/admin/lookups/lookup/", "/admin/businesses/page/"):
        text = text_of(inside.get(address))
        assert "is under review by Meta" in text
        assert "2 lookups waiting" in text
        assert "is under review by Meta" not in text_of(outside.get(address))


class TestTheLineOnTheStartPage:
    """How it is, in one sentence a business."""

    def test_it_tells_people_ids_and_their_freshness_as_they_were_counted(self, world):
        ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
        resolve()
        count = counting.count(world.page.business, timezone.now())

        page = text_of(member(world.page.business, Role.STAFF).get(FIND))

        assert (count.people, count.ids, count.confirmed) == (1, 3, 3)
        assert "1 person with 3 IDs, 100.0 % confirmed within 30 days" in page
        assert "no token needs anybody, no review." in page

    def test_it_tells_of_tokens_and_of_a_review(self, review):
        check = TokenCheck.objects.filter(token__asset__kind=AssetKind.PAGE, business=review.business).first()
        assert check
        check.mark_refused(because="dead", at=timezone.now())

        page = text_of(member(review.business, Role.VIEWER).get(FIND))

        assert "1 token needs somebody" in page
        assert "under review since" in page

    def test_it_tells_nothing_of_other_businesses_and_is_not_there_while_searching(self, world):
        counting.count_all(timezone.now())
        client = member(world.page.business, Role.STAFF)

        assert "North Harbour" not in text_of(client.get(FIND))
        assert "How it is" not in text_of(found(client, "999"))

    def test_before_the_first_count_it_says_so(self, world):
        FreshnessCount.objects.all().delete()

        assert "people are counted once an hour" in text_of(member(world.page.business, Role.STAFF).get(FIND))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/admin/lookups/person/", "No people yet."),
        ("/admin/lookups/conflict/", "No conflicts"),
        ("/admin/lookups/policyreview/", "No reviews so far"),
        ("/admin/lookups/lookup/", "Nothing has been asked yet"),
    ],
)
def test_empty_lists_say_how_something_comes_there_and_offer_nothing_that_is_not_possible(world, address, said):
    page = text_of(member(world.page.business, Role.STAFF).get(address))

    assert said in page
    assert "Create a new item" not in page
    assert "Nothing fits" not in page


def test_an_empty_list_that_was_narrowed_says_that_the_filters_may_be_why(world):
    page = text_of(member(world.page.business, Role.STAFF).get("/admin/lookups/lookup/", {"state__exact": "held"}))

    assert "Nothing fits" in page
    assert "Show all" in page
