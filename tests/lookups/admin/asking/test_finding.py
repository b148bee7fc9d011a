"""*Find a person*: known IDs open at once, new ones are asked about; and the page of a lookup under way."""

import re

from django.test import Client
from django.utils import timezone

from businesses.models import Asset
from lookups.asking.starting import ask_about
from lookups.models import Lookup, Run
from tests.lookups.admin.pages import FIND, looked_up
from tests.lookups.admin.searched import found
from tests.lookups.people_of_johns import resolve
from tests.makers import make_user
from tests.pages import text_of


def test_the_first_page_after_log_in_is_find_a_person(staff):
    assert staff.get("/").url == "/admin/"
    assert staff.get("/admin/").url == FIND


def test_a_known_id_opens_its_person_at_once_and_asks_nothing(world, staff, sandbox):
    person = looked_up(world)
    calls = len(sandbox.journal())

    for text in ("12345123", " 645195294\n", "10152368852405295", person.public_id, person.public_id.lower()):
        assert found(staff, text).url == person.address
    assert len(sandbox.journal()) == calls


def test_digits_known_of_two_assets_give_a_list(world, staff):
    looked_up(world, "77001234567")
    quiz = Asset.objects.get(name="John's Instant Quiz")
    ask_about(asset=quiz, value="77001234567", by=world.user, now=timezone.now())
    resolve()

    assert "2 people have this ID" in text_of(found(staff, "77001234567"))


def test_digits_known_in_one_place_can_be_asked_about_in_another(world, staff):
    looked_up(world)

    page = found(staff, "12345123", "&ask=1")

    assert "One person has this ID" in text_of(page)
    assert "in another app or Page" in text_of(page)
    assert page.content.decode().count('name="asset"') == 6


def test_the_choice_of_app_or_page_is_remembered(world, staff):
    key = str(world.page.pk)
    assert "checked" not in found(staff, "5").content.decode()

    staff.post(FIND, {"q": "5", "asset": key})

    again = found(staff, "6").content.decode()
    assert re.search(rf'value="{key}"\s+required\s+checked', again)


def test_asking_stores_a_run_and_leads_to_its_lookup(world, staff):
    response = staff.post(FIND, {"q": "12345123", "asset": world.page.pk})

    lookup = Lookup.objects.get(question="links")
    assert response.url == f"{lookup.address}?then=person"
    assert str(Run.objects.get().asked_by) == "a staff"
    assert "Waiting for a worker" in text_of(staff.get(lookup.address))


def test_asking_without_a_choice_says_what_to_choose(staff):
    response = staff.post(FIND, {"q": "5", "asset": ""})

    assert response.status_code == 400
    assert "Choose the app or Page that this ID comes from." in text_of(response)


def test_somebody_without_a_business_is_told_what_to_do(world):
    client = Client()
    client.force_login(make_user("new"))

    assert "You are not a member of any business here" in text_of(client.get(FIND))


def test_lookup_page_goes_on_to_the_person_when_done(world, staff):
    person = looked_up(world)
    lookup = Lookup.objects.get()

    assert staff.get(f"{lookup.address}?then=person").url == person.address
    part = staff.get(f"{lookup.address}?then=person", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == person.address
    assert "Open the person" in text_of(staff.get(lookup.address))
