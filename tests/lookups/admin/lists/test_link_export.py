"""All links of a business, chosen in a form and downloaded."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from lookups.lists import exports
from lookups.models import Conflict, Match
from tests.lookups.admin.lists.downloads import LIST, address, content_of, csv_of, text
from tests.lookups.imported import imported_file
from tests.lookups.lists.exports.many import store
from tests.lookups.people_of_johns import ASID, OMAR_PSID, PAGE, PSID
from tests.makers import make_business, make_user


@pytest.fixture
def run(world):
    return imported_file(world, LIST, graph_id=PAGE)


LINKS = "admin:lookups_person_export"


def links(client: Client, **chosen: object) -> list[dict[str, str]]:
    response = client.get(reverse(LINKS), {"shape": "ids", "format": "csv", **chosen})
    assert response.status_code == 200
    return csv_of(response)


def test_links_are_chosen_in_a_form_and_downloaded(run, world, admin):
    page = text(admin.get(reverse(LINKS)))
    assert "Download CSV" in page
    business = world.page.business.pk

    rows = links(admin, business=business)
    assert {PSID, ASID, OMAR_PSID} <= {row["scoped ID"] for row in rows}
    assert len(links(admin, business=business, shape="people")) == 2
    assert {row["scoped ID"] for row in links(admin, business=business, asset=world.page.pk)} == {
        PSID,
        OMAR_PSID,
    }
    assert links(admin, business=business, since="2999-01-01") == []
    assert links(admin, business=business, before="2001-01-01") == []
    assert links(admin, business=business, stale="on") == []
    assert links(admin, business=business, state="in conflict") == []
    response = admin.get(reverse(LINKS), {"business": business, "shape": "ids", "format": "xlsx"})
    assert load_workbook(io.BytesIO(content_of(response))).active.max_row == len(rows) + 1
    assert response["Content-Disposition"].startswith('attachment; filename="idlink-links-')


def test_what_is_chosen_wrongly_is_said_beside_the_form(world, admin):
    business = world.page.business.pk
    for wrong in (
        {"since": "soon"},
        {"state": "certain"},
        {"asset": 999999},
        {"business": 999999},
        {"shape": "x"},
    ):
        chosen = {"business": business, "shape": "ids", "format": "csv", **wrong}
        response = admin.get(reverse(LINKS), chosen)
        assert response.status_code == 400, wrong
        assert "Download CSV" in text(response)
    assert admin.get(reverse(LINKS), {"business": business, "shape": "ids", "format": "exe"}).status_code == 404


def test_too_many_links_for_a_sheet_are_refused(run, world, admin, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)

    response = admin.get(reverse(LINKS), {"business": world.page.business.pk, "shape": "ids", "format": "xlsx"})

    assert response.status_code == 400
    assert "Download it as CSV instead" in text(response)


def test_another_business_can_t_be_exported(run, world, admin):
    other = store(2)
    theirs = other.business

    chosen = {"business": theirs.pk, "shape": "ids", "format": "csv"}
    assert admin.get(reverse(LINKS), chosen).status_code == 400
    mine = {**chosen, "business": world.page.business.pk, "asset": theirs.assets.apps().get().pk}
    assert admin.get(reverse(LINKS), mine).status_code == 400
    assert "Many" not in text(admin.get(reverse(LINKS)))
    for what in ("results", "rejects", "undo"):
        assert admin.get(address(other, what)).status_code == 404


def test_who_belongs_to_no_business_is_told_so(db):
    make_business("Alone")
    client = Client()
    client.force_login(make_user("nobody"))

    assert "not a member of any business" in text(client.get(reverse(LINKS)))


def test_links_in_conflict_are_marked(run, world, admin):
    match = Match.objects.first()
    Conflict.objects.create(
        business=run.business, kind="one_way", one=match.source, other=match.target, found_at=timezone.now()
    )

    rows = links(admin, business=run.business_id, state="in conflict")

    assert {match.source.value, match.target.value} <= {row["scoped ID"] for row in rows}
    assert {row["in conflict"] for row in rows} == {"in conflict"}
