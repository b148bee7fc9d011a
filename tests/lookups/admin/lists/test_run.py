"""A run's page as its users meet it: the sum, the bar, and what it asks for again."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.models import Role
from lookups.lists import feeding, running
from lookups.models import Lookup, Run
from tests.lookups.admin.lists.runs import JOHN, LISTS, NOBODY, State, polled, with_file
from tests.lookups.list_runs import add_rows, make_list, work
from tests.makers import make_page
from tests.pages import member, text_of


def test_without_any_list_the_page_says_what_to_do(world, staff):
    assert "No lists yet: upload one" in text_of(staff.get(LISTS))
    assert "Somebody with the role staff can upload one" in text_of(member(world.page.business, Role.VIEWER).get(LISTS))


def test_the_changelist_shows_lists_and_hides_single_lookups(world, staff):
    make_list(world.page, JOHN, rejected=3, by=world.user)
    Run.objects.create(business=world.page.business, kind=Run.Kind.ONE, created_at=timezone.now())

    shown, everything = text_of(staff.get(LISTS)), text_of(staff.get(LISTS, {"what": "all"}))

    assert "under way" in shown
    assert "3 of 4" in shown
    assert "seeder" in shown
    assert "One id" not in shown
    assert "One id" in everything


def test_the_sum_stands_on_the_page_as_an_equation_with_links_and_meanings(world, staff):
    run = work(make_list(world.page, JOHN, NOBODY, rejected=2))

    page = staff.get(run.address)

    said = text_of(page)
    assert "4 in file = 1 linked + 1 refused + 2 rejected" in said
    assert "No ID can be read in that row" in said
    for term in ("linked", "refused", "rejected"):
        assert f'href="{LISTS}{run.pk}/rows/?what={term}"' in page.content.decode()


def test_the_bar_can_be_read_by_a_screen_reader(world, staff):
    run = make_list(world.page, JOHN, rejected=3)

    page = staff.get(run.address).content.decode()

    assert 'role="progressbar"' in page
    assert 'aria-valuenow="75"' in page
    assert 'aria-valuetext="3 of 4 rows done"' in page


def test_a_bar_is_full_only_when_all_is_done(world, staff):
    run = make_list(world.page, JOHN, rejected=999)

    assert "999 of 1,000 done, 99 %" in text_of(staff.get(run.address))


@pytest.mark.parametrize(
    ("state", "asks_again"),
    [
        (State.GOING, True),
        (State.READING, True),
        (State.PAUSED, False),
        (State.DONE, False),
        (State.FAULTY, False),
        (State.REFUSED, False),
        (State.READY, False),
    ],
)
def test_the_page_asks_again_only_while_something_can_change(world, staff, state, asks_again):
    run = make_list(world.page, JOHN, state=state)
    with_file(run)

    assert ('hx-trigger="every' in staff.get(run.address).content.decode()) is asks_again


def test_a_paused_run_is_watched_until_what_is_on_its_way_has_come(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    Lookup.objects.update(state="claimed", lease_until=timezone.now() + timedelta(minutes=1))
    running.pause(run, by=world.user, now=timezone.now())

    assert "every 2s" in staff.get(run.address).content.decode()
    Lookup.objects.update(state="done", lease_until=None, finished_at=timezone.now(), ending="none")
    assert polled(staff, run).headers["HX-Refresh"] == "true"
    assert "every 2s" not in staff.get(run.address).content.decode()


def test_a_cancelled_run_is_watched_until_its_rows_are_settled(world, staff):
    run = make_list(world.page, JOHN, NOBODY, state=State.READY)
    running.start(run, by=world.user, now=timezone.now())
    running.cancel(run, by=world.user, now=timezone.now())

    assert "every 2s" in staff.get(run.address).content.decode()
    work(run)
    assert "every 2s" not in staff.get(run.address).content.decode()


def test_when_the_state_changes_the_browser_loads_the_page_anew(world, staff):
    run = make_list(world.page, JOHN)

    assert "HX-Refresh" not in polled(staff, run).headers
    work(run)
    assert polled(staff, run, seen="going").headers["HX-Refresh"] == "true"


def test_what_the_page_asks_for_again_is_cheap_however_long_the_list_is(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    polled(staff, run)
    with CaptureQueriesContext(
        connection,
    ) as few:
        polled(staff, run)
    add_rows(run, world.page, *map(str, range(5000, 6000)), first=100)
    Run.objects.filter(pk=run.pk).update(rows=1001, todo=1000)
    feeding.feed(timezone.now())
    with CaptureQueriesContext(connection) as many:
        polled(staff, run)

    assert len(many) == len(few)
    assert not [query for query in many if "lookups_listrow" in query["sql"]], "rows are counted on the run"


def test_what_the_page_asks_for_again_is_as_cheap_for_many_dead_pages_as_for_one(world, staff):
    counts = []
    for pages in (1, 5):
        run = make_list(world.page)
        for number in range(1, pages + 1):
            add_rows(run, make_page(world.page.business, None, f"Retired {pages}.{number}"), "1000", first=number)
        Run.objects.filter(pk=run.pk).update(rows=pages, todo=pages)
        while feeding.feed(timezone.now()):
            pass
        assert text_of(polled(staff, run)).count("wait for a working token or secret") == pages
        with CaptureQueriesContext(connection) as queries:
            polled(staff, run)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_whole_page_takes_as_many_queries_for_a_long_list_as_for_a_short_one(world, staff):
    short = work(make_list(world.page, JOHN, NOBODY, rejected=1))
    long = work(make_list(world.page, *map(str, range(5000, 5200)), rejected=200))
    counts = []
    for run in (short, long):
        staff.get(run.address)
        with CaptureQueriesContext(connection) as queries:
            staff.get(run.address)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_rate_and_time_left_follow_from_what_was_answered_lately(world, staff):
    run = make_list(world.page, *map(str, range(1000, 1300)))
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(started_at=now - timedelta(minutes=10))
    feeding.feed(now)
    done = list(Lookup.objects.order_by("pk").values_list("pk", flat=True)[:100])
    Lookup.objects.filter(pk__in=done).update(state="done", ending="none", finished_at=now - timedelta(seconds=50))
    Run.objects.filter(pk=run.pk).update(none=100)

    said = text_of(staff.get(run.address))

    assert re.search(r"· (2\.0|1\.9) a second · about 2 min left", said), said


def test_a_refresh_has_its_own_words(world, staff):
    run = make_list(world.page, JOHN)
    Run.objects.filter(pk=run.pk).update(kind=Run.Kind.REFRESH, asked_by=None)

    said = text_of(staff.get(run.address))

    assert "1 ID chosen =" in said
    assert "idlink itself" in said
    assert "A refresh asks Graph again" in said
