"""*Find apps and Pages*: the pasted token is used and forgotten; it stands in no page, row, log or session."""

import io
import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Business, FacebookApp, Ownership, Page, Role, ShownBy
from businesses.secrets import unseal
from lookups import tasks
from lookups.asking import resolver
from tests.makers import make_user
from tests.pages import member, text_of

JOHNS, NORTH, FAN_PAGE = "112233445566778", "223344556677889", "380374449010777"


@pytest.fixture
def business(world) -> Business:
    return Business.objects.get(graph_id=JOHNS)


@pytest.fixture
def token(sandbox) -> str:
    return next(one["system_token"] for one in sandbox.world["businesses"] if one["id"] == JOHNS)


@pytest.fixture
def checks(monkeypatch) -> list[dict]:
    sent: list[dict] = []
    for task in (tasks.check_token, tasks.check_owner, tasks.take_new_secret):
        monkeypatch.setattr(task, "apply_async", lambda kwargs, **how: sent.append(kwargs))
    return sent


def admin_of(business: Business) -> Client:
    client = Client()
    client.force_login(make_user(f"an admin of {business}", business, role=Role.ADMIN))
    return client


def address(business: Business) -> str:
    return reverse("admin:businesses_business_find", args=[business.pk])


def sealed_in(response) -> str:
    return re.search(r'name="sealed" value="([^"]+)"', response.content.decode())[1]


def without_fan_page() -> None:
    page = Page.objects.get(graph_id=FAN_PAGE)
    page.tokens.all().delete()
    page.delete()


def test_nobody_types_ids_paste_look_tick_add(business, token, checks, django_capture_on_commit_callbacks):
    without_fan_page()
    client = admin_of(business)
    read = client.post(address(business), {"token": token})
    told = text_of(read)
    assert "The token is of “System user”, made by the app “JohnsMovieApp”" in told
    assert re.search(rf'value="{FAN_PAGE}"[^>]*checked', read.content.decode())
    assert "already here" in told

    form = {"sealed": sealed_in(read), "chosen": [FAN_PAGE], "tokens": "yes", "add": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        added = client.post(address(business), form, follow=True)

    assert "Added: 1 Page, 1 page access token." in text_of(added)
    page = Page.objects.get(graph_id=FAN_PAGE)
    assert (page.business, page.ownership, page.owner_shown_by) == (business, Ownership.OWN, ShownBy.LIST)
    assert {"token_pk": page.tokens.get().pk, "by_hand": True} in checks


def test_what_stands_here_already_is_shown_to_be_owned_by_the_lists(business, token):
    admin_of(business).post(address(business), {"token": token})

    assert set(FacebookApp.objects.filter(business=business).values_list("ownership", "owner_shown_by")) == {
        (Ownership.OWN, ShownBy.LIST)
    }


def test_a_shared_page_that_somebody_typed_in_is_refused_from_then_on(sandbox, world):
    north = Business.objects.get(graph_id=NORTH)
    without_fan_page()
    page = Page.objects.create(business=north, graph_id=FAN_PAGE, name="typed in")
    token = next(one["system_token"] for one in sandbox.world["businesses"] if one["id"] == NORTH)

    told = text_of(admin_of(north).post(address(north), {"token": token}))

    page.refresh_from_db()
    assert page.ownership == Ownership.CLIENT
    assert "only shared with the business" in told


def test_the_pasted_token_stands_nowhere(business, token, checks):
    logs = io.StringIO()
    handler = logging.StreamHandler(logs)
    logging.getLogger().addHandler(handler)
    client = admin_of(business)
    try:
        read = client.post(address(business), {"token": token})
        form = {"sealed": sealed_in(read), "chosen": [], "tokens": "yes", "add": "yes"}
        added = client.post(address(business), form, follow=True)
        refused = client.post(address(business), {"token": f"{token} "[:-3]})
    finally:
        logging.getLogger().removeHandler(handler)

    shown = "".join(one.content.decode() for one in (read, added, refused))
    assert token not in shown + logs.getvalue() + str(dict(client.session)) + str(checks) + read.request["PATH_INFO"]
    assert refused.status_code == 409
    assert token[:-3] not in refused.content.decode()
    assert unseal(sealed_in(read), bound_to=f"found_assets:{client.session['_auth_user_id']}:{business.pk}")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert token not in str(cursor.fetchall()), table


def test_the_sealed_token_serves_only_its_user_its_business_and_ten_minutes(business, token, monkeypatch):
    without_fan_page()
    mine = admin_of(business)
    sealed = sealed_in(mine.post(address(business), {"token": token}))
    form = {"sealed": sealed, "chosen": [FAN_PAGE], "add": "yes"}
    another = Client()
    another.force_login(make_user("another", business, role=Role.ADMIN))

    for client, changed in ((another, {}), (mine, {"sealed": ""}), (mine, {"sealed": "v1:abc:def"})):
        response = client.post(address(business), {**form, **changed})
        assert (response.status_code, "Paste the token again" in text_of(response)) == (400, True)
    later = timezone.now() + timedelta(minutes=11)
    monkeypatch.setattr("lookups.admin.tokens.find_assets.timezone.now", lambda: later)
    assert mine.post(address(business), form).status_code == 400
    assert not Page.objects.filter(graph_id=FAN_PAGE).exists()


def test_forged_ticks_add_nothing_that_graph_did_not_tell_of(business, token):
    client, before = admin_of(business), Page.objects.count()
    sealed = sealed_in(client.post(address(business), {"token": token}))

    client.post(address(business), {"sealed": sealed, "chosen": ["666", "1", "x"], "add": "yes"})

    assert Page.objects.count() == before
    assert not AccessToken.objects.filter(asset__graph_id="666").exists()


def test_only_admins_of_the_business_may(business, token):
    for role in (Role.VIEWER, Role.STAFF):
        client = member(business, role)
        assert client.get(address(business)).status_code == 404
        assert client.post(address(business), {"token": token}).status_code == 404
    other = admin_of(Business.objects.get(graph_id=NORTH))
    assert other.post(address(business), {"token": token}).status_code == 404


def test_what_is_no_token_is_not_sent_and_not_repeated(business, sandbox):
    client = admin_of(business)

    for text in ("", "two words", "x" * 5000):
        response = client.post(address(business), {"token": text})
        assert response.status_code == 400
        assert not text or text not in response.content.decode()
    assert sandbox.journal() == []


def test_a_graph_that_is_away_is_told(business, settings, token):
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()

    response = admin_of(business).post(address(business), {"token": token})

    assert response.status_code == 409
    assert "Graph gives nothing for this token: Graph could not be reached" in text_of(response)
