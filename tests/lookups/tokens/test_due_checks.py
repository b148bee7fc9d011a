"""Which tokens are to be checked: never checked, a day ago, or since something gave reason to doubt them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Asset, TokenCheck
from lookups.models import QuotaPool
from lookups.tokens.due_checks import doubted_tokens, tokens_issued_by, tokens_to_check

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


@pytest.fixture
def page_s(world) -> AccessToken:
    return world.page.tokens.get()


@pytest.fixture
def all_checked(world) -> None:
    """Every token was checked just now, and every secret entered long before."""
    for app in Asset.objects.apps():
        app.secrets.update(set_at=timezone.now() - timedelta(days=9))
    TokenCheck.objects.update(checked_at=timezone.now(), check_tried_at=timezone.now())


def test_those_never_checked_or_a_day_ago_are_due_in_bounded_parts(world, page_s):
    now = timezone.now()
    assert len(tokens_to_check(now)) == AccessToken.objects.count()
    assert len(tokens_to_check(now, most=2)) == 2

    TokenCheck.objects.update(checked_at=now, check_tried_at=now)

    assert tokens_to_check(now + timedelta(hours=1)) == []
    assert len(tokens_to_check(now + timedelta(hours=25))) == AccessToken.objects.count()


@pytest.mark.parametrize("what", ["refused_at", "doubted_at"])
def test_one_that_graph_refused_or_doubted_since_is_due(all_checked, page_s, what):
    soon = timezone.now() + timedelta(minutes=10)
    assert tokens_to_check(soon) == []

    TokenCheck.objects.filter(pk=page_s.pk).update(**{what: timezone.now()})

    assert tokens_to_check(soon) == [page_s.pk]
    assert doubted_tokens(soon) == ([page_s.pk] if what == "doubted_at" else [])


def test_a_new_secret_makes_all_due_that_its_app_has_issued(world, all_checked):
    world.app.secrets.update(set_at=timezone.now())

    due = tokens_to_check(timezone.now() + timedelta(minutes=10))

    assert set(due) == set(tokens_issued_by(world.app.pk))
    assert {token.asset for token in AccessToken.objects.filter(pk__in=due)} == {
        world.app, *world.app.managed_pages.all(),
    }  # fmt: skip


def test_while_an_apps_limit_is_reached_what_it_has_issued_waits(world):
    now = timezone.now()
    QuotaPool.objects.create(
        business=world.app.business, asset=world.app, seen_at=now, wait_until=now + timedelta(hours=1)
    )

    waiting = set(AccessToken.objects.values_list("pk", flat=True)) - set(tokens_to_check(now))

    assert waiting == set(tokens_issued_by(world.app.pk))


def test_one_of_a_page_without_a_managing_app_is_due_too(world, page_s):
    Asset.objects.filter(pk=world.page.pk).update(managed_by=None)

    assert page_s.pk in tokens_to_check(timezone.now())
