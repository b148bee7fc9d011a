"""A version of Graph that has ended, or soon will, is told on *Token health*, with the date."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Role, TokenCheck
from lookups.asking import resolver
from lookups.tokens.checking import check
from lookups.tokens.versions import version_warning
from tests.makers import make_business
from tests.pages import member, text_of

NOVEMBER = datetime(2026, 11, 29, tzinfo=UTC)


def checked(world, *, now=None) -> AccessToken:
    token = AccessToken.objects.get(asset=world.page)
    check(resolver.graph_client(), token.pk, now=now or timezone.now())
    return token


def health_page(business) -> str:
    return text_of(member(business, Role.VIEWER).get(reverse("admin:businesses_accesstoken_health")))


def test_what_graph_serves_in_place_of_the_version_asked_for_is_shown_since_when(world, sandbox):
    sandbox.control("switches", {"asked_version_has_ended": True})
    checked(world, now=NOVEMBER)
    checked(world, now=NOVEMBER + timedelta(days=1))

    told = health_page(world.page.business)

    assert "Graph answers with version v21.0 in place of v26.0, seen since 29 Nov 2026" in told
    assert "IDLINK_GRAPH_VERSION" in told
    assert AccessToken.objects.get(asset=world.page).last_check.problem == "", "the token itself is well"


def test_it_goes_when_graph_serves_what_is_asked_for(world, sandbox):
    sandbox.control("switches", {"asked_version_has_ended": True})
    checked(world)
    sandbox.control("switches", {"asked_version_has_ended": False})
    checked(world)

    assert TokenCheck.objects.get(token__asset=world.page).version_served == "v26.0"
    assert "in place of" not in health_page(world.page.business)


def test_nor_does_it_outlive_the_setting_or_reach_another_business(world, sandbox, settings):
    sandbox.control("switches", {"asked_version_has_ended": True})
    checked(world)

    assert "in place of" not in health_page(make_business("Another"))
    settings.IDLINK_GRAPH_VERSION = "v27.0"
    assert version_warning(AccessToken.objects.all(), timezone.now()) == ""


@pytest.mark.parametrize(("version", "words"), [
    ("v21.0", "ends on 21 Jan 2027"), ("v22.0", ""), ("v26.0", ""), ("v27.0", ""), ("v20.0", "ended on 24 Sep 2026"),
])  # fmt: skip
def test_a_version_whose_last_day_is_known_is_told_three_months_before(db, settings, version, words):
    settings.IDLINK_GRAPH_VERSION = version

    told = version_warning(AccessToken.objects.all(), NOVEMBER)

    assert words in told
    assert bool(told) == bool(words)
