"""Long lists: as many rows are counted as can be paged through, and the page says when there are more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from businesses.admin import paging
from businesses.models import Role
from lookups.admin.people.person import PersonAdmin
from lookups.models import Person, ScopedID
from tests.makers import NOW, make_app, make_business, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:lookups_person_changelist")


@pytest.fixture
def page_of(client, monkeypatch):
    """Gives a page of the list of seven people, two on each, of whom so many can be paged through."""
    business = make_business()
    app = make_app(business)
    for n in range(7):
        person = Person.objects.create(business=business, public_id=f"PERSON{n:06}", created_at=NOW)
        ScopedID.objects.create(
            business=business, asset=app, person=person, value=f"12{n}", public_id=person.public_id, first_seen=NOW
        )
    client.force_login(make_user("ana", business, role=Role.VIEWER))
    monkeypatch.setattr(PersonAdmin, "list_per_page", 2)

    def page(most: int, **query: str) -> str:
        monkeypatch.setattr(paging, "MOST", most)
        monkeypatch.setattr(paging.BoundedPaginator, "most", str(most))
        response = client.get(LIST, query)
        return response.content.decode() if response.status_code == 200 else response.headers["Location"]

    return page


def test_a_list_that_fits_says_how_many_rows_there_are(page_of):
    shown = page_of(7)

    assert " 7 people" in " ".join(shown.split())
    assert "More than" not in shown


def test_a_longer_one_says_that_there_are_more_and_what_to_do(page_of):
    shown = " ".join(page_of(6).split())

    assert "More than 6 people. These are the first 6: search or filter to see others." in shown
    assert "7 people" not in shown


def test_the_last_page_is_the_last_that_can_be_paged_to(page_of):
    assert "PERSON000001" in page_of(6, p="3")
    assert "PERSON000000" not in page_of(6, p="3")
    assert page_of(6, p="4").endswith("?e=1")


def test_no_statement_counts_more_rows_than_that(page_of):
    with CaptureQueriesContext(connection) as told:
        page_of(6)

    counts = [one["sql"] for one in told if "COUNT(*)" in one["sql"] and "lookups_person" in one["sql"]]
    assert counts
    assert all("LIMIT 7" in one for one in counts)


def test_a_narrowed_list_names_in_its_heading_only_what_was_counted(page_of):
    assert "7 results" in page_of(7, q="12")
    assert "results" not in page_of(7)
    assert "results" not in page_of(6, q="12")
