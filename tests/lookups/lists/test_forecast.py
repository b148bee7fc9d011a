"""What a run will cost is said before it starts: calls, requests, share of each limit, time."""

from datetime import timedelta

import pytest

from lookups.lists.forecast import (
    CAUTIOUS_RATE,
    Rate,
    forecast,
    measured_rate,
    quota_of,
    quota_time,
    rate_of,
    requests_for,
)
from lookups.models import QuotaPool, Run
from tests.makers import NOW, make_app, make_business, make_page

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


@pytest.mark.parametrize(("calls", "requests"), [(0, 0), (1, 1), (50, 1), (51, 2), (1_000_000, 20_000)])
def test_a_request_holds_fifty_calls(calls, requests):
    assert requests_for(calls) == requests


@pytest.mark.parametrize(
    ("calls", "quota", "window", "used", "expected"),
    [
        (1000, None, HOUR, 0, 0),  # no limit is known
        (950, 1000, HOUR, 0, 0),  # just up to where idlink stops
        (951, 1000, HOUR, 0, 1),
        (1900, 1000, HOUR, 0, 1),
        (1901, 1000, HOUR, 0, 2),
        (100, 1000, HOUR, 90, 1),  # 50 are left
        (50, 1000, HOUR, 90, 0),
        (1, 1000, DAY, 120, 24),  # beyond the limit already
        (0, 1000, HOUR, 100, 0),
    ],
)
def test_the_limit_alone_makes_a_run_wait_for_whole_windows(calls, quota, window, used, expected):
    assert quota_time(calls, quota, window, used=used) == expected * HOUR


def test_the_rate_is_the_middle_of_what_was_measured():
    hours = [(3600, HOUR), (7200, HOUR), (36, HOUR)]  # the last one was paused for long

    assert rate_of(hours) == Rate(1.0, 3)
    assert rate_of(hours).measured


def test_without_a_measure_the_guess_is_cautious_and_says_so():
    guess = rate_of([])

    assert (guess.per_second, guess.measured) == (CAUTIOUS_RATE, False)


@pytest.mark.django_db
class TestStored:
    """With apps, Pages, pools and runs of the database."""

    @pytest.fixture
    def business(self):
        return make_business()

    @pytest.fixture
    def app(self, business):
        app = make_app(business)
        app.daily_people = 10
        return app

    @pytest.fixture
    def page(self, business, app):
        return make_page(business, app)

    def test_limits_follow_from_the_number_of_users(self, app, page):
        assert quota_of(app) == 2000
        assert quota_of(page) is None
        page.daily_people = 7
        assert quota_of(page) == 1400

    def test_each_pool_has_its_calls_requests_and_share(self, app, page):
        told = forecast({app: 500, page: 101}, Rate(10), NOW)

        assert (told.calls, told.requests) == (601, 13)
        assert [pool.share for pool in told.pools] == [25.0, None]
        assert told.time == timedelta(seconds=60.1)
        assert told.held_up_by is None

    def test_a_limit_that_takes_longer_than_the_rate_decides(self, app):
        told = forecast({app: 5000}, Rate(10), NOW)

        assert told.rate_time == timedelta(seconds=500)
        assert told.time == 2 * HOUR
        assert told.held_up_by.asset == app

    def test_usage_last_seen_counts_only_within_its_window(self, app):
        pool = QuotaPool.objects.create(
            business=app.business, asset=app, percent=90, seen_at=NOW - timedelta(minutes=59)
        )
        assert forecast({app: 500}, Rate(10), NOW).pools[0].time == HOUR

        pool.seen_at = NOW - timedelta(minutes=61)
        pool.save()

        latest = forecast({app: 500}, Rate(10), NOW).pools[0]
        assert (latest.time, latest.used) == (timedelta(0), 90)

    def test_a_pause_in_force_is_waited_for(self, page):
        QuotaPool.objects.create(business=page.business, asset=page, seen_at=NOW, wait_until=NOW + 3 * HOUR)

        assert forecast({page: 1}, Rate(10), NOW).time == 3 * HOUR

    def test_nothing_to_ask_takes_no_time(self):
        told = forecast({}, Rate(10), NOW)

        assert (told.calls, told.requests, told.time, told.held_up_by) == (0, 0, timedelta(0), None)

    def test_the_rate_is_measured_from_the_latest_finished_runs_of_the_business(self, business):
        for seconds in (20, 10, 40):
            finished(business, linked=100, none=50, failed=50, seconds=seconds)
        finished(business, linked=19, seconds=1)  # too few to tell
        finished(make_business("Other"), linked=1000, seconds=1)
        finished(business, linked=1000, seconds=1, state=Run.State.CANCELLED)

        assert measured_rate(business) == Rate(10.0, 3)

    def test_rows_that_were_refused_without_a_question_do_not_count_as_answered(self, business):
        finished(business, linked=100, refused=900, seconds=10)

        assert measured_rate(business).per_second == 10.0


def finished(business, *, seconds: int, state: str = Run.State.DONE, **counts: int) -> Run:
    return Run.objects.create(
        business=business,
        kind=Run.Kind.LIST,
        state=state,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=seconds),
        rows=sum(counts.values()),
        **counts,
    )
