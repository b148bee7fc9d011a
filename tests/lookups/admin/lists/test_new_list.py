"""A list comes in by one of two ways: as a file, or as pasted lines."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from businesses.models import Role
from lookups.models import Lookup, Run
from tests.lookups.admin.lists.runs import JOHN, State
from tests.lookups.admin.lists.sending import NEW, csv, read, upload
from tests.makers import make_business, make_page, make_user
from tests.pages import member, text_of


def test_a_file_is_stored_for_a_worker_and_asks_nothing(staff):
    response = staff.post(NEW, {"file": csv("psid", JOHN)})

    run = Run.objects.get(kind=Run.Kind.LIST)
    assert response.url == run.columns_address
    assert (run.state, str(run.asked_by), run.list_file.name) == (State.READING, "a staff", "spring.csv")
    assert run.list_file.path.read_bytes() == f"psid\r\n{JOHN}".encode()
    assert Lookup.objects.count() == 0


def test_pasted_lines_of_an_app_or_page_are_read_next(world, staff):
    response = staff.post(NEW, {"how": "paste", "text": f"{JOHN}\n999", "asset": world.page.pk})

    run = Run.objects.get(kind=Run.Kind.LIST)
    assert (response.url, run.state) == (run.address, State.READING)
    assert "The file is being read" in text_of(staff.get(run.address))
    assert read(run).todo == 2


def test_what_can_not_be_read_is_said_on_the_form(staff):
    response = staff.post(NEW, {"file": SimpleUploadedFile("x.csv", b"")})

    assert response.status_code == 400
    assert re.search("nothing in the list|is empty", text_of(response))
    assert Run.objects.count() == 0


def test_pasted_text_is_kept_when_something_is_missing(world, staff):
    response = staff.post(NEW, {"how": "paste", "text": "12345 kept"})

    assert response.status_code == 400
    assert "Choose the app or Page that these IDs come from." in text_of(response)
    assert "12345 kept" in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file first"),
        ({"how": "paste", "text": " "}, "Choose the app or Page"),
    ],
)
def test_a_form_with_nothing_in_it_says_what_to_do(staff, fields, said):
    response = staff.post(NEW, fields)

    assert response.status_code == 400
    assert said in text_of(response)


def test_whoever_has_several_businesses_chooses_one(world):
    other = make_business("Other")
    client = Client()
    client.force_login(make_user("both", world.page.business, other))

    assert client.post(NEW, {"file": csv(JOHN)}).status_code == 400
    assert client.post(NEW, {"file": csv(JOHN), "business": "x"}).status_code == 400
    run = upload(client, JOHN, business=other.pk)

    assert run.business == other


def test_the_business_of_somebody_else_can_not_be_chosen(world, staff):
    other = make_business("Other")
    page = make_page(other, None)

    assert staff.post(NEW, {"file": csv(JOHN), "business": other.pk}).status_code == 400
    assert staff.post(NEW, {"how": "paste", "text": JOHN, "asset": page.pk}).status_code == 400
    assert Run.objects.count() == 0


def test_viewers_can_bring_in_nothing(world):
    viewer = member(world.page.business, Role.VIEWER)

    assert "Your role shows stored people only" in text_of(viewer.get(NEW))
    assert viewer.post(NEW, {"file": csv(JOHN)}).status_code == 400
    pasted = {"how": "paste", "text": JOHN, "asset": world.page.pk}
    assert viewer.post(NEW, pasted).status_code == 400
    assert Run.objects.count() == 0


def test_a_pasted_token_is_refused_and_not_even_given_back_in_the_form(world, staff):
    token = "EAAB" + "wzLixnjYBO" * 3

    response = staff.post(NEW, {"how": "paste", "asset": world.page.pk, "text": f"123\n{token}"})

    assert response.status_code == 400
    assert "looks like an access token" in text_of(response)
    assert token not in response.content.decode()
    assert "123" in text_of(response)
