"""The page of freshness: the promise as a plain count gives it, what holds it up, what it takes, the switch."""

import html
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business, Role, TokenCheck
from lookups import tasks
from lookups.freshness import counting
from lookups.models import FreshnessCount, PolicyReview, Run
from tests.lookups.people_of_johns import resolve
from tests.lookups.refreshing import A_DAY, learn, let_pass, make_person, tick
from tests.makers import NOW, make_business, make_user

pytestmark = [pytest.mark.database]

PLAIN = """
SELECT count(*), sum(CASE WHEN (s.apps_answered_at >= %s AND s.pages_answered_at >= %s) OR EXISTS (
    SELECT 1 FROM lookups_match m JOIN lookups_scopedid a ON a.id = m.source_id
    WHERE m.target_id = s.id AND m.is_live AND m.state = 'confirmed'
      AND (m.edge = 'ids_for_apps' AND m.calling_app_id = a.apps_caller_id
           OR m.edge = 'ids_for_pages' AND m.calling_app_id = a.pages_caller_id)
      AND a.apps_answered_at >= %s AND a.pages_answered_at >= %s) THEN 1 ELSE 0 END)
FROM lookups_scopedid s WHERE s.business_id = %s
"""


def client_of(business, role=Role.ADMIN) -> Client:
    client = Client()
    name = f"user-{role}-{business.pk}"
    client.force_login(User.objects.filter(username=name).first() or make_user(name, business, role=role))
    return client


def page_of(business, client: Client | None = None) -> str:
    count, _ = FreshnessCount.objects.get_or_create(business=business)
    address = reverse("admin:lookups_freshnesscount_change", args=[count.pk])
    return " ".join((client or client_of(business)).get(address).content.decode().split())


def click(business, name: str, client: Client, **fields: str) -> int:
    count, _ = FreshnessCount.objects.get_or_create(business=business)
    return client.post(reverse(f"admin:lookups_freshnesscount_{name}", args=[count.pk]), fields).status_code


def test_the_number_equals_a_plain_count(world):
    business = world.page.business
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)
    learn(world, world.page, "77001234567")
    for n in range(20):
        make_person(world, f"5550{n:03}", days=n * 3)
    now = timezone.now()

    counted = counting.count(business, now)

    with connection.cursor() as cursor:
        cutoff = now - timedelta(days=30)
        cursor.execute(PLAIN, [cutoff, cutoff, cutoff, cutoff, business.pk])
        assert cursor.fetchone() == (counted.ids, counted.confirmed)
    assert f"{counted.confirmed} of {counted.ids} IDs" in page_of(business)


def test_before_anything_is_counted_the_page_says_so(world):
    page = page_of(world.page.business)

    assert "Nothing has been counted yet" in page
    assert "No refresh has run yet" in page


@pytest.mark.parametrize(("old", "word"), [(0, "met"), (1, "met"), (2, "missed")])
def test_the_promise_is_met_from_95_percent_on(world, old, word):
    for n in range(20):
        make_person(world, f"5550{n:03}", days=40 if n < old else 1)
    counting.count(world.page.business, timezone.now())

    page = page_of(world.page.business)

    assert f">{word}</span>" in page
    assert f"<strong>{100 - 5 * old:.1f} %</strong>" in page


def test_it_says_what_holds_up_and_what_the_rest_takes(world):
    business = world.page.business
    for n in range(3):
        make_person(world, f"5550{n:03}", days=40)
    counting.count(business, timezone.now())
    page = page_of(business)
    assert '<h2 class="il-h2" id="due">3 IDs are due</h2>' in page
    assert "Nothing holds them up" in page
    assert "<dt>Calls</dt><dd>about 3</dd>" in page

    TokenCheck.objects.filter(token__asset=world.page).update(refused_at=NOW, refused_because="dead")
    counting.count(business, timezone.now())
    assert "<strong>3</strong> wait for: a token that Graph refused" in page_of(business)

    PolicyReview.objects.create(
        business=business, opened_at=NOW, last_answer_at=NOW, next_probe_at=NOW, message="review"
    )
    counting.count(business, timezone.now())
    page = page_of(business)
    assert "<strong>3</strong> wait for: a review" in page
    assert "<dt>Calls</dt>" not in page


def test_the_calls_that_are_forecast_are_those_that_are_made(world):
    learn(world, world.page, "12345123", "77001234567")
    learn(world, world.app, "645195294")
    let_pass(31 * A_DAY)
    counted = counting.count(world.page.business, timezone.now())

    assert tick().made == sum(counted.calls.values()) == 2


def test_the_switch_turns_the_refresh_off_and_on(world):
    business, client = world.page.business, client_of(world.page.business)
    make_person(world, "5550001", days=40)

    assert click(business, "switch", client, on="0") == 302
    assert tick().made == 0
    assert "Nothing is asked again unless somebody presses" in page_of(business, client)

    assert click(business, "switch", client, on="1") == 302
    assert tick().made == 1
    resolve()
    assert Run.objects.get(kind=Run.Kind.REFRESH).address in page_of(business, client)


@pytest.mark.parametrize(("role", "count", "switch"), [(Role.VIEWER, 404, 404), (Role.STAFF, 302, 404)])
def test_who_may_not_does_not_see_the_buttons_and_is_refused(world, role, count, switch):
    business = world.page.business
    client = client_of(business, role)

    assert click(business, "count", client) == count
    assert click(business, "switch", client, on="0") == switch
    assert Business.objects.get(pk=business.pk).refreshes
    assert "Switch" not in page_of(business, client)


def test_neither_click_works_for_another_business_nor_by_get(world):
    client = client_of(make_business("Other"))
    count, _ = FreshnessCount.objects.get_or_create(business=world.page.business)

    for name in ("count", "switch"):
        assert click(world.page.business, name, client, on="0") == 404
        address = reverse(f"admin:lookups_freshnesscount_{name}", args=[count.pk])
        assert (
            client_of(world.page.business, Role.STAFF if name == "count" else Role.ADMIN).get(address).status_code
            == 405
        )


def test_counting_now_counts_this_business_only(world, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr("lookups.admin.freshness.freshness_count.count_freshness_soon", sent.append)
    make_person(world, "5550001", days=40)

    with django_capture_on_commit_callbacks(execute=True):
        click(world.page.business, "count", client_of(world.page.business))

    assert sent == [world.page.business.pk]
    tasks.count_freshness(business_pk=sent[0], of_a_later_version=1)
    assert FreshnessCount.objects.get(business=world.page.business).ids == 1
    assert not FreshnessCount.objects.exclude(business=world.page.business).exclude(counted_at=None).exists()


def test_the_tasks_do_what_their_names_say(world, monkeypatch):
    woken = []
    monkeypatch.setattr("lookups.tasks.freshness.wake", lambda lane="staff": woken.append(lane))
    make_person(world, "5550001", days=40)

    tasks.refresh_what_is_due()
    tasks.count_freshness()

    assert woken == ["bulk"]
    assert FreshnessCount.objects.get(business=world.page.business).confirmed == 0


def test_the_list_names_every_business_once_a_tick_has_been(world):
    tick()
    counting.count(world.page.business, timezone.now())

    client = client_of(world.page.business, Role.VIEWER)
    text = client.get(reverse("admin:lookups_freshnesscount_changelist")).content.decode()

    assert html.escape(world.page.business.name) in text
    assert "no IDs yet" in text


def test_a_new_business_is_counted_without_waiting_for_the_hour(db, monkeypatch, django_capture_on_commit_callbacks):
    sent: list[dict] = []
    monkeypatch.setattr(tasks.count_freshness, "apply_async", lambda kwargs, **how: sent.append(kwargs))

    with django_capture_on_commit_callbacks(execute=True):
        business = make_business()
        business.name = "Another name"
        business.save()

    assert sent == [{"business_pk": business.pk}]
