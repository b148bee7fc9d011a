"""What strangers send is refused before anything reads it; how much others may send is told by the address."""

from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from businesses.models import Role
from idlink.bodies import SMALL, comes_from_user, refuse_unwanted_bodies
from lookups.lists.imports.limits import MEGABYTE
from tests.makers import make_business
from tests.pages import member

pytestmark = pytest.mark.django_db
LOG_IN, LISTS = "/admin/login/", "/admin/lookups/run/new/"


class Body(BytesIO):
    """A body that notes when it is read."""

    was_read = False

    def read(self, *_: object) -> bytes:
        self.was_read = True
        return b""

    readline = read


def sent(address: str, size: int, **headers: str) -> tuple[int, str, bool]:
    """Send so much through the whole application; gives the status, where it leads, and whether any of it was read."""
    answered: list[tuple[int, str]] = []
    body = Body()
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=a", "CONTENT_LENGTH": str(size), "wsgi.input": body}

    def start(status: str, answers: list[tuple[str, str]], *_: object) -> None:
        answered.append((int(status[:3]), dict(answers).get("Location", "")))

    list(WSGIHandler()({**RequestFactory().post(address).environ, **form, **headers}, start))
    return *answered[0], body.was_read


def cookies_of(client: Client) -> str:
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


@pytest.mark.parametrize("address", [LISTS, "/admin/find/", "/admin/businesses/business/add/", "/nowhere/", "/health/"])
def test_a_stranger_who_sends_something_is_led_to_the_log_in_and_it_is_not_read(address):
    status, leads_to, was_read = sent(address, 100)

    assert status == 302
    assert leads_to.startswith(LOG_IN)
    assert not was_read


def test_a_forged_session_is_a_stranger():
    forged = "sessionid=" + "a" * 32
    assert sent(LISTS, 100, HTTP_COOKIE=forged) == sent(LISTS, 100)
    assert not comes_from_user(forged)
    assert not comes_from_user("sessionid")


def test_a_log_in_may_carry_64_kb():
    assert sent(LOG_IN, SMALL + 1) == (413, "", False)

    small = Client().post(LOG_IN, {"username": "a" * 10_000, "password": "b"})
    assert small.status_code == 200


def test_a_user_may_send_a_list_to_the_address_for_lists_alone(settings):
    cookies = cookies_of(member(make_business(), Role.STAFF))
    assert comes_from_user(cookies)

    assert sent("/admin/find/", 5 * MEGABYTE, HTTP_COOKIE=cookies) == (413, "", False)
    assert sent(LISTS, 300 * MEGABYTE, HTTP_COOKIE=cookies) == (413, "", False)
    assert sent(LISTS, settings.IDLINK_LIST_CSV_MB * MEGABYTE, HTTP_COOKIE=cookies)[2]


def test_whoever_was_switched_off_is_a_stranger_at_once():
    client = member(make_business(), Role.STAFF)
    get_user_model().objects.update(is_active=False)

    assert not comes_from_user(cookies_of(client))


def test_a_request_that_carries_nothing_passes():
    request = RequestFactory().get("/health/")
    request.user = AnonymousUser()

    assert refuse_unwanted_bodies(lambda _: "answered")(request) == "answered"
