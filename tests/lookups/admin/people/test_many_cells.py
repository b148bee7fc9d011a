"""A person's page where the business has many apps and Pages, or the person many IDs: in parts, IDs first."""

import pytest

from lookups.models import ScopedID
from lookups.people import grid
from tests.lookups.people_of_johns import MOVIE_APP, PAGE, PSID, asker, asset, scoped
from tests.makers import make_page
from tests.pages import text_of


@pytest.fixture
def person(world, monkeypatch):
    """John, in a business with nine more Pages, whose names come before those of the Pages that he wrote to."""
    asker(world)(PAGE, PSID)
    for number in range(9):
        make_page(world.page.business, asset(MOVIE_APP), f"A Page {number}")
    monkeypatch.setattr(grid, "CELLS_A_PART", 4)
    return scoped(PAGE, PSID).person


def test_pages_come_in_parts_and_those_with_an_id_first(client, person):
    first = text_of(client.get(person.address))
    pages = 9 + 3

    assert f"1 to 4 of {pages} Pages, those with an ID first" in first
    assert f"Copy PSID {PSID}" in client.get(person.address).content.decode()
    seen = set()
    for number in (1, 2, 3):
        seen |= {n for n in range(9) if f"A Page {n}" in text_of(client.get(person.address, {"page": number}))}
    assert seen == set(range(9))


@pytest.mark.parametrize("number", ["0", "99", "x", "-1"])
def test_a_part_that_does_not_exist_is_the_nearest(client, person, number):
    assert client.get(person.address, {"page": number}).status_code == 200


def test_few_are_shown_at_once_in_their_order(client, world):
    asker(world)(PAGE, PSID)

    shown = text_of(client.get(scoped(PAGE, PSID).person.address))

    assert "those with an ID first" not in shown


def test_many_ids_of_one_page_are_cut_and_the_rest_is_counted(client, person, world, monkeypatch):
    monkeypatch.setattr(grid, "IDS_SHOWN", 2)
    for number in range(4):
        ScopedID.objects.create(
            business=person.business, asset=world.page, person=person, value=f"9{number}", first_seen=person.created_at
        )

    shown = text_of(client.get(person.address))

    assert "and 3 more IDs here" in shown
