"""The sidebar of a list offers apps and Pages to choose from; where they are too many, a business is chosen first."""

import pytest
from django.urls import reverse

from businesses.admin import offering
from lookups.models import Person, ScopedID
from tests.makers import NOW, make_app, make_business, make_page, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PEOPLE, LOOKUPS = reverse("admin:lookups_person_changelist"), reverse("admin:lookups_lookup_changelist")


@pytest.fixture
def of_two(client, monkeypatch):
    """Two businesses with three assets, of which two would be offered; somebody who sees both."""
    monkeypatch.setattr(offering, "MOST_OFFERED", 2)
    acme, other = make_business("Acme"), make_business("Other")
    assets = [make_app(acme, "Acme shop"), make_app(other, "Other shop")]
    assets.append(make_page(acme, assets[0], "Acme bot"))
    for asset in assets:
        person = Person.objects.create(business=asset.business, public_id=f"PERSON{asset.pk:06}", created_at=NOW)
        ScopedID.objects.create(
            business=asset.business, asset=asset, person=person, value="1", public_id=person.public_id, first_seen=NOW
        )
    client.force_login(make_user("ana", acme, other))
    return assets


def test_too_many_are_not_offered_and_the_sidebar_says_what_to_do(client, of_two):
    shown = text_of(client.get(PEOPLE))

    assert "Choose a business first" in shown
    assert "App Other shop" not in shown
    assert "Acme bot" not in text_of(client.get(LOOKUPS))


def test_once_a_business_is_chosen_its_own_are_offered(client, of_two):
    business = {"business__id__exact": of_two[0].business_id}

    shown = text_of(client.get(PEOPLE, business))

    assert "Choose a business first" not in shown
    assert "App Acme shop" in shown
    assert "App Other shop" not in shown
    assert "Acme bot" in text_of(client.get(LOOKUPS, business))


def test_nobody_is_told_to_choose_a_business_who_has_chosen_one_without_any(client, of_two):
    empty = make_business("Empty")
    client.force_login(make_user("eve", empty, *{asset.business for asset in of_two}))

    assert "Choose a business first" not in text_of(client.get(PEOPLE, {"business__id__exact": empty.pk}))


def test_a_link_that_was_kept_still_narrows_the_list(client, of_two):
    shown = text_of(client.get(PEOPLE, {"linked": of_two[1].pk}))

    assert f"PERSON{of_two[1].pk:06}" in shown
    assert f"PERSON{of_two[0].pk:06}" not in shown
    assert "App Other shop" in shown


@pytest.mark.parametrize("value", ["none", "999999", "x", ""])
def test_what_is_no_app_or_page_narrows_nothing(client, of_two, value):
    shown = text_of(client.get(PEOPLE, {"linked": value}))

    assert all(f"PERSON{asset.pk:06}" in shown for asset in of_two)


def test_few_are_offered_at_once(client, of_two, monkeypatch):
    monkeypatch.setattr(offering, "MOST_OFFERED", 3)

    shown = text_of(client.get(PEOPLE))

    assert "App Other shop" in shown
    assert "Choose a business first" not in shown
