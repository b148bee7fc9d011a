"""Retiring apps and Pages, and taking them into use again, in their lists as admins meet them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from businesses.models import Asset, Business, Role
from lookups.asking.planning import plan
from tests.makers import make_app, make_business, make_page, make_token, make_user
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db

PAGES = "admin:businesses_page_changelist"
APPS = "admin:businesses_facebookapp_changelist"


@pytest.fixture
def business() -> Business:
    return make_business()


@pytest.fixture
def app(business) -> Asset:
    app = make_app(business, "Shop")
    make_token(app)
    return app


@pytest.fixture
def page(business, app) -> Asset:
    page = make_page(business, app, "Bot")
    make_token(page)
    return page


def act(client: Client, changelist: str, name: str, *assets: Asset, sure: bool = False):
    """What the list's menu of actions sends, or the page that asks whether this is meant."""
    form = {"action": name, "_selected_action": [asset.pk for asset in assets]}
    return client.post(reverse(changelist), form | ({"sure": "yes"} if sure else {}), follow=True)


def stored(asset: Asset) -> Asset:
    return Asset.objects.select_related("business", "managed_by").get(pk=asset.pk)


def test_it_is_asked_first_what_would_follow_and_nothing_is_done(business, page):
    asked = act(member(business, Role.ADMIN), PAGES, "retire", page)

    assert "Retire?" in text_of(asked)
    assert "Bot" in text_of(asked)
    assert "Nothing more is asked of them" in text_of(asked)
    assert stored(page).retired_at is None


@pytest.mark.parametrize(("changelist", "name"), [(APPS, "app"), (PAGES, "page")])
def test_what_is_retired_is_not_asked_until_it_is_taken_into_use_again(request, business, page, changelist, name):
    asset, admin = request.getfixturevalue(name), member(business, Role.ADMIN)
    assert plan(stored(asset)).allowed

    done = act(admin, changelist, "retire", asset, sure=True)

    assert f"Retired: “{asset}”." in text_of(done)
    assert "retired on" in text_of(admin.get(reverse(changelist)))
    assert [reason.code for reason in plan(stored(asset)).reasons] == ["retired"]

    assert "They are asked again" in text_of(act(admin, changelist, "take_into_use", asset))
    act(admin, changelist, "take_into_use", asset, sure=True)
    assert "retired on" not in text_of(admin.get(reverse(changelist)))
    assert plan(stored(asset)).allowed


def test_a_page_is_asked_as_before_when_the_app_that_manages_it_is_retired(business, app, page):
    act(member(business, Role.ADMIN), APPS, "retire", app, sure=True)

    assert plan(stored(page)).allowed


def test_who_did_it_is_on_record(business, page):
    act(member(business, Role.ADMIN), PAGES, "retire", page, sure=True)

    entry = LogEntry.objects.get(object_id=str(page.pk))
    assert (entry.user.username, entry.change_message) == ("a admin", "Retired")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_others_than_admins_are_not_offered_it_and_can_not_do_it(business, page, role):
    client = member(business, role)

    assert 'value="retire"' not in client.get(reverse(PAGES)).content.decode()
    act(client, PAGES, "retire", page, sure=True)

    assert stored(page).retired_at is None


def test_an_admin_of_one_business_retires_nothing_of_another_that_he_only_sees(business, page):
    other = make_business("Other")
    theirs = make_page(other, make_app(other), "Theirs")
    user = make_user("ana", business, role=Role.ADMIN)
    user.memberships.create(business=other, role=Role.VIEWER)
    client = Client()
    client.force_login(user)

    alone = act(client, PAGES, "retire", theirs)
    both = act(client, PAGES, "retire", theirs, page, sure=True)

    assert "None of those chosen can be changed in this way by you." in text_of(alone)
    assert "Retired: “Bot”." in text_of(both)
    assert stored(page).retired_at
    assert stored(theirs).retired_at is None


def test_what_is_retired_already_keeps_its_day(business, page):
    admin = member(business, Role.ADMIN)
    act(admin, PAGES, "retire", page, sure=True)
    since = stored(page).retired_at

    again = act(admin, PAGES, "retire", page, sure=True)

    assert "Nothing was changed." in text_of(again)
    assert stored(page).retired_at == since
