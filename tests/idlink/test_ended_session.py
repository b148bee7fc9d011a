"""A page that polls without a session any more: no log-in form inside it, but the whole page goes there and back."""

import pytest
from django.test import Client
from django.urls import reverse

from lookups.models import Run
from tests.makers import NOW, make_business, make_user

pytestmark = pytest.mark.django_db
LOG_IN = "/admin/login/"
HERE = "http://testserver"


def polled(client: Client, address: str, page: str) -> object:
    """What a page at the address `page` gets when it asks for its changing part."""
    return client.get(address, headers={"HX-Request": "true", "HX-Current-URL": page})


@pytest.fixture
def address() -> str:
    run = Run.objects.create(business=make_business(), kind=Run.Kind.LIST, state=Run.State.GOING, created_at=NOW)
    return reverse("admin:lookups_run_change", args=[run.pk])


def test_the_whole_page_is_led_to_the_log_in_and_back_to_where_it_was(address):
    answer = polled(Client(), f"{address}?seen=going", f"{HERE}{address}?a=1")

    assert answer.status_code == 204
    assert answer.content == b""
    assert answer["HX-Redirect"] == f"{LOG_IN}?next={address.replace('/', '%2F')}%3Fa%3D1"


@pytest.mark.parametrize("page", ["", "https://elsewhere.example/admin/", "//elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere_after_the_log_in(address, page):
    assert polled(Client(), address, page)["HX-Redirect"] == f"{LOG_IN}?next=%2Fadmin%2F"


def test_whoever_was_switched_off_meanwhile_is_led_there_too(address):
    user = make_user("ana", Run.objects.get().business)
    client = Client()
    client.force_login(user)
    assert polled(client, f"{address}?seen=going", HERE + address).status_code == 200

    user.is_active = False
    user.save()

    assert polled(client, address, HERE + address)["HX-Redirect"].startswith(LOG_IN)


def test_who_opens_the_page_itself_is_redirected_as_ever(address):
    answer = Client().get(address)

    assert (answer.status_code, "HX-Redirect" in answer) == (302, False)
    assert answer["Location"].startswith(LOG_IN)


def test_other_redirects_stay_what_they_are(client):
    answer = client.get("/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
