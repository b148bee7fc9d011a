"""The rows behind each number of a run."""

import re

import pytest
from django.utils import timezone

from lookups.lists import feeding
from lookups.models import Lookup, Run
from tests.lookups.admin.lists.runs import JOHN, LISTS, NOBODY
from tests.lookups.list_runs import add_rows, make_list, work
from tests.pages import text_of


def test_rejected_rows_come_with_line_text_and_sentence(world, staff):
    run = make_list(world.page, JOHN, rejected=2)

    said = text_of(staff.get(f"{LISTS}{run.pk}/rows/", {"what": "rejected"}))

    assert "is not an ID: an ASID or PSID consists of the digits 0 to 9 only" in said
    assert re.search(r"\b2 x\b", said)
    assert JOHN not in said


def test_each_number_leads_to_just_its_rows(world, staff):
    run = work(make_list(world.page, JOHN, NOBODY, rejected=1))

    linked = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "linked"}).content.decode()
    refused = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "refused"}).content.decode()

    assert (JOHN in linked, NOBODY in linked) == (True, False)
    assert (JOHN in refused, NOBODY in refused) == (False, True)
    assert Lookup.objects.get(value=JOHN).address in linked


def test_pages_of_a_hundred_cover_every_row_once(world, staff):
    run = make_list(world.page, *map(str, range(1000, 1250)))
    feeding.feed(timezone.now())
    add_rows(run, world.page, *map(str, range(2000, 2050)), first=300)
    address, seen = "?what=waiting", []
    while address:
        page = staff.get(f"{LISTS}{run.pk}/rows/{address}").content.decode()
        seen += re.findall(r"<code>(\d+)</code>", page)
        further = re.search(r'href="(\?what=waiting&amp;after=[^"]+)"', page)
        address = further[1].replace("&amp;", "&") if further else ""

    assert sorted(map(int, seen)) == [*range(1000, 1250), *range(2000, 2050)]


def test_nothing_found_is_said(world, staff):
    run = make_list(world.page, JOHN)

    assert "There are none." in text_of(staff.get(f"{LISTS}{run.pk}/rows/", {"what": "failed"}))


@pytest.mark.parametrize("query", [{"what": "x"}, {"after": "1"}, {"after": "row-x"}, {"after": "row-" + "9" * 30}])
def test_odd_addresses_are_not_there(world, staff, query):
    run = make_list(world.page, JOHN)

    assert staff.get(f"{LISTS}{run.pk}/rows/", query).status_code == 404


def test_a_run_of_single_lookups_shows_its_lookups(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    Run.objects.filter(pk=run.pk).update(kind=Run.Kind.ONE)

    assert JOHN in text_of(staff.get(run.address, follow=True))
