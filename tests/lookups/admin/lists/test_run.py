"""A run's page as its users meet it: the sum, the bar, what is held, what went wrong, and the buttons."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business, FacebookApp, Role
from lookups.asking import reviews
from lookups.lists import feeding, running
from lookups.models import Answer, ListFile, Lookup, QuotaPool, Run
from tests.lookups.list_runs import add_rows, make_list, work
from tests.makers import make_business, make_page, make_user

LISTS = "/admin/lookups/run/"
JOHN, NOBODY = "12345123", "999"
State = Run.State


@pytest.fixture
def staff(world):
    return member(world, Role.STAFF)


def member(world, role: Role) -> Client:
    client = Client()
    client.force_login(make_user(f"a {role}", world.page.business, role=role))
    return client


def text_of(response) -> str:
    """What the page says, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def polled(client: Client, run: Run, seen: str = "", **more: str):
    """What the page asks for again by itself."""
    return client.get(run.address, {"seen": seen or run.state, **more}, headers={"HX-Request": "true"})


def act(client: Client, run: Run, name: str):
    response = client.post(reverse(f"admin:lookups_run_{name}", args=[run.pk]), follow=True)
    run.refresh_from_db()
    return response


def test_without_any_list_the_page_says_what_to_do(world, staff):
    assert "No lists yet: upload one" in text_of(staff.get(LISTS))
    assert "Somebody with the role staff can upload one" in text_of(member(world, Role.VIEWER).get(LISTS))


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

    assert ("every 2s" in staff.get(run.address).content.decode()) is asks_again


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
        feeding.feed(timezone.now())
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


def test_what_is_held_says_for_what_and_where_to_go(world, staff, sandbox):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    Lookup.objects.update(state="held", held_for="token")

    page = staff.get(run.address)

    assert "1 held: they wait for a working token or secret of “John&#x27;s Next Great Thing”" in text_of(page)
    assert reverse("admin:businesses_page_change", args=[world.page.pk]) in page.content.decode()


def test_a_run_under_review_leads_to_the_review(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    lookup = Lookup.objects.get()
    answer = Answer.objects.create(
        business=run.business, lookup=lookup, attempt=1, at=timezone.now(), edges="ids_for_apps",
        complete=False, token_fingerprint="f", version_asked="v26.0", message="in review",
    )  # fmt: skip
    review = reviews.note_review(run.business, answer)

    page = staff.get(run.address)

    assert "wait for the end of Meta&#x27;s review" in text_of(page)
    assert reverse("admin:lookups_policyreview_change", args=[review.pk]) in page.content.decode()


def test_a_pool_that_rests_is_named_with_its_reason(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    until = timezone.now() + timedelta(hours=1)
    QuotaPool.objects.create(
        business=run.business, page=world.page, seen_at=timezone.now(), wait_until=until, why="96 % is used up."
    )

    assert "rests: 96 % is used up. It goes on" in text_of(polled(staff, run))


def test_errors_are_grouped_with_code_count_example_and_remedy(world, staff):
    run = work(make_list(world.page, NOBODY, "998", "997"))

    page = staff.get(run.address)

    said = text_of(page)
    assert "3 × not visible with this token" in said
    assert "Graph code 100" in said
    assert "Check that the list is of this app or Page" in said
    assert Lookup.objects.order_by("pk").first().address in page.content.decode()


def test_held_rows_say_what_is_missing_whose_it_is_and_who_can_mend_it(world, staff):
    FacebookApp.objects.update(sealed_secret="")
    run = work(make_list(world.page, JOHN, NOBODY))

    page = staff.get(run.address)

    said = text_of(page)
    assert "2 held: they wait for a working token or secret of “John&#x27;s Next Great Thing”" in said
    assert "The secret of the app “JohnsMovieApp” is not set" in said
    assert "Ask an admin to enter it on the app&#x27;s form" in said
    assert reverse("admin:businesses_facebookapp_change", args=[world.page.managed_by_id]) in page.content.decode()
    rows = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "held"})
    assert "the secret of the app that signs the calls is not set" in text_of(rows)


def test_rows_that_could_not_be_asked_are_grouped_by_reason(world, staff):
    Business.objects.update(policy_confirmed_at=None)
    run = work(make_list(world.page, JOHN, NOBODY))

    page = staff.get(run.address)

    assert "2 × not asked" in text_of(page)
    assert "Nobody has confirmed Meta&#x27;s policy" in text_of(page)
    assert "what=refused&amp;reason=policy_not_confirmed" in page.content.decode()
    rows = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "refused", "reason": "policy_not_confirmed"})
    assert "Nobody has confirmed Meta&#x27;s policy" in text_of(rows)
    assert "of this app or Page" not in text_of(polled(staff, run, part="errors"))


def test_a_run_whose_sum_does_not_meet_shows_the_numbers_that_differ(world, staff):
    run = work(make_list(world.page, JOHN, NOBODY))
    Run.objects.filter(pk=run.pk).update(state=State.FAULTY, linked=2, why="Counted otherwise.")

    said = text_of(staff.get(run.address))

    assert "The sum does not meet" in said
    assert "linked 2 1" in said
    assert "tell whoever runs idlink" in said


def test_a_refused_file_says_why(world, staff):
    run = make_list(world.page, state=State.REFUSED)
    Run.objects.filter(pk=run.pk).update(why="It is a picture.")

    assert "It is a picture." in text_of(staff.get(run.address))


def test_a_refresh_has_its_own_words(world, staff):
    run = make_list(world.page, JOHN)
    Run.objects.filter(pk=run.pk).update(kind=Run.Kind.REFRESH, asked_by=None)

    said = text_of(staff.get(run.address))

    assert "1 ID chosen =" in said
    assert "idlink itself" in said
    assert "A refresh asks Graph again" in said


def test_start_pause_go_on_and_cancel_by_their_buttons(world, staff):
    run = make_list(world.page, JOHN, NOBODY, state=State.READY)
    with_file(run)

    act(staff, run, "start")
    assert (run.state, str(run.changed_by)) == (State.GOING, "a staff")
    act(staff, run, "pause")
    assert "paused by a staff" in text_of(staff.get(run.address))
    act(staff, run, "go-on")
    assert run.state == State.GOING
    sure = text_of(staff.get(f"{LISTS}{run.pk}/cancel/"))
    assert "Rows not asked yet, now 2, are counted as refused" in sure
    assert "stay, with all links and people" in sure
    act(staff, run, "cancel")
    assert "cancelled by a staff" in text_of(staff.get(run.address))


def test_what_failed_is_tried_again_by_a_button(world, staff):
    run = make_list(world.page, NOBODY, "998", state=State.READY)
    act(staff, run, "start")
    work(run)
    assert "Try refused and failed again" in text_of(staff.get(run.address))

    said = text_of(act(staff, run, "retry"))

    assert "Tried again: 2." in said
    assert run.state == State.GOING


@pytest.mark.parametrize("name", ["start", "pause", "go-on", "retry", "cancel", "discard"])
def test_what_a_run_is_in_no_state_for_is_refused_in_words(world, staff, name):
    run = make_list(world.page, state=State.DONE)

    said = text_of(act(staff, run, name))

    assert re.search("This one is: done|nothing to try again|has ended already", said)
    assert run.state == State.DONE


@pytest.mark.parametrize("name", ["start", "pause", "go-on", "retry"])
def test_reading_an_address_changes_nothing(world, staff, name):
    run = make_list(world.page, JOHN, state=State.READY)

    assert staff.get(f"{LISTS}{run.pk}/{name}/").status_code == 405
    for sure in ("cancel", "discard"):
        staff.get(f"{LISTS}{run.pk}/{sure}/")
    run.refresh_from_db()
    assert run.state == State.READY


def test_viewers_see_runs_but_change_none(world):
    run = make_list(world.page, JOHN, state=State.GOING)
    viewer = member(world, Role.VIEWER)

    page = text_of(viewer.get(run.address))

    assert "0 of 1 done" in page
    assert "Pause" not in page
    for name in ("start", "pause", "go-on", "retry", "cancel", "discard"):
        assert viewer.post(f"{LISTS}{run.pk}/{name}/").status_code == 404
    assert viewer.get(f"{LISTS}{run.pk}/cancel/").status_code == 404
    run.refresh_from_db()
    assert run.state == State.GOING


def test_a_run_of_another_business_is_not_there(world):
    run = make_list(world.page, JOHN)
    stranger = Client()
    stranger.force_login(make_user("bob", make_business("Other"), role=Role.ADMIN))

    for path in ("change", "rows", "columns", "cancel", "discard"):
        assert stranger.get(f"{LISTS}{run.pk}/{path}/").status_code == 404, path
    for name in ("start", "pause", "go-on", "retry", "cancel", "discard", "columns"):
        assert stranger.post(f"{LISTS}{run.pk}/{name}/").status_code == 404, name
    assert polled(stranger, run).status_code == 404
    for odd in ("x", "1e3", "9" * 30, "-1"):
        assert stranger.get(f"{LISTS}{odd}/change/").status_code == 404


def with_file(run: Run) -> None:
    """The file that belongs to a list's run."""
    ListFile.objects.create(business=run.business, run=run, name="c.csv", kind="csv", size=100, sha256="0" * 64)
