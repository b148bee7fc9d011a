"""What a list would do is shown before anything of it is asked."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from businesses.models import AccessToken, Business
from lookups.asking import holds
from lookups.models import ListRow, Lookup, PolicyReview
from tests.lookups.admin.lists.runs import JOHN, LISTS, State, act
from tests.lookups.admin.lists.sending import ready
from tests.lookups.list_runs import make_list, work
from tests.pages import text_of


def test_the_file_adds_up_and_nothing_was_asked(world, staff, sandbox):
    calls = len(sandbox.journal())
    run = ready(staff, world, JOHN, "998", JOHN, "1.23457E+15", "abc")

    said = text_of(staff.get(run.address))

    assert "5 in file = 2 to ask + 2 rejected + 1 duplicate" in said
    assert "can be asked" in said
    assert "Start" in said
    assert len(sandbox.journal()) == calls
    assert Lookup.objects.count() == 0


def test_rejected_rows_are_grouped_by_reason_with_their_first_lines(world, staff):
    run = ready(staff, world, JOHN, *(f"bad{n}" for n in range(7)), "1.2E+15")

    page = staff.get(run.address)

    said = text_of(page)
    assert "7 × Not only digits" in said
    assert "Line 3: “bad0” is not an ID" in said
    assert "Also line 4 bad1 , line 5 bad2 , line 6 bad3 , line 7 bad4 …" in said
    assert "bad5" not in said
    assert "1 × Lost its digits in a spreadsheet" in said
    assert "what=rejected&amp;reason=not_digits" in page.content.decode()


def test_what_is_fresh_already_is_not_counted_as_a_call(world, staff):
    work(make_list(world.page, JOHN))
    run = ready(staff, world, JOHN, "998")

    said = text_of(staff.get(run.address))

    assert "2 in file = 1 to ask + 1 already fresh" in said
    assert "Calls 1 HTTP requests 1" in said


def test_cost_names_calls_requests_share_of_the_limit_and_time(world, staff):
    page = world.page
    page.daily_people = 1
    page.save()
    run = ready(staff, world, *map(str, range(1000, 1100)))

    said = text_of(staff.get(run.address))

    assert "Calls 100 HTTP requests 2 Time less than a minute" in said
    assert "200 in 1 d" in said
    assert "50 %" in said
    assert "a cautious guess, since no run of this business has finished yet" in said


def test_a_limit_that_is_too_small_decides_how_long_it_takes(world, staff):
    page = world.page
    page.daily_people = 1
    page.save()
    run = ready(staff, world, *map(str, range(1000, 1300)))

    assert "The limit of “John's Next Great Thing” decides" in text_of(staff.get(run.address))


def test_rows_that_can_not_be_asked_now_are_counted_with_reason_and_remedy(world, staff):
    AccessToken.objects.filter(asset=world.page).delete()
    run = ready(staff, world, JOHN)

    said = text_of(staff.get(run.address))

    assert "1 in file = 0 to ask + 1 that will be held" in said
    assert "Ask an admin to add one under Access tokens" in said
    assert f'action="{LISTS}{run.pk}/start/"' in staff.get(run.address).content.decode()


def test_rows_that_may_not_be_asked_at_all_are_counted_and_a_list_of_only_such_is_not_started(world, staff):
    run = ready(staff, world, JOHN)
    Business.objects.update(policy_confirmed_at=None)

    said = text_of(staff.get(run.address))

    assert "1 in file = 0 to ask + 1 can't be asked" in said
    assert "None of the IDs can be asked about now" in said
    assert f'action="{LISTS}{run.pk}/start/"' not in staff.get(run.address).content.decode()


def test_rows_of_a_business_under_review_will_be_held(world, staff):
    now = timezone.now()
    PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="in review"
    )
    run = ready(staff, world, JOHN)

    said = text_of(staff.get(run.address))

    assert "will be held" in said
    assert "goes on by itself when the review ends" in said
    assert holds.open_review(world.page.business)


def test_a_preview_takes_as_many_queries_for_a_long_list_as_for_a_short_one(world, staff):
    counts = []
    for run in (ready(staff, world, JOHN, "x"), ready(staff, world, *map(str, range(300)), *["x"] * 300)):
        staff.get(run.address)
        with CaptureQueriesContext(connection) as queries:
            staff.get(run.address)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_discarded_list_is_gone_and_was_never_asked(world, staff):
    run = ready(staff, world, JOHN)
    assert "nothing" in text_of(staff.get(f"{LISTS}{run.pk}/discard/")).lower()

    act(staff, run, "discard")

    assert run.state == State.CANCELLED
    assert run.list_file.removed_at
    assert "Cancelled before it was started" in text_of(staff.get(run.address))
    assert "Try refused" not in text_of(staff.get(run.address))


def test_from_upload_to_the_sum(world, staff):
    run = ready(staff, world, JOHN, JOHN, "bad", "999")

    act(staff, run, "start")
    work(run)

    assert run.state == State.DONE
    said = text_of(staff.get(run.address))
    assert "4 in file = 1 linked + 1 refused + 1 rejected + 1 duplicate" in said
    assert set(ListRow.objects.filter(run=run).values_list("state", flat=True)) == {
        "asked", "rejected", "duplicate",
    }  # fmt: skip
