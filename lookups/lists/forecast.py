"""Forecasts what a list or a refresh will cost: calls, requests, share of quota, time.

Meta states the limits. An app token may make 200 calls an hour for each daily user of the app; a page token 200 calls
in 24 hours for each engaged user of the Page. If the number of users is not known, the forecast counts with the rate
alone, and the screen says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from django.conf import settings

from businesses.models import Asset, AssetKind, Business
from lookups.graph import BATCH_SIZE
from lookups.models import Ending, Lookup, QuotaPool, Run
from lookups.models.outcomes import Edge, Outcome, outcome_column

CALLS_PER_USER = 200
_WINDOWS = {AssetKind.APP: timedelta(hours=1), AssetKind.PAGE: timedelta(hours=24)}  # in which Meta counts calls
CAUTIOUS_RATE = 10.0  # lookups a second, until runs have been measured
RUNS_MEASURED, FEWEST_MEASURED = 5, 20


@dataclass(frozen=True)
class Rate:
    """How many lookups are answered in a second, and how many finished runs this was measured on."""

    per_second: float
    runs: int = 0

    @property
    def measured(self) -> bool:
        """Whether the rate was measured on this installation's runs; else it is a cautious guess."""
        return self.runs > 0


@dataclass(frozen=True)
class PoolForecast:
    """What a run uses of the limit of one app or Page."""

    asset: Asset
    calls: int
    quota: int | None
    used: float | None
    seen_at: datetime | None
    time: timedelta

    @property
    def requests(self) -> int:
        """How many HTTP requests the run sends; each holds several calls."""
        return requests_for(self.calls)

    @property
    def window(self) -> timedelta:
        """The time in which Meta counts the calls."""
        return window_of(self.asset)

    @property
    def share(self) -> float | None:
        """Percent of the quota that the run uses; None if the quota is not known."""
        return 100 * self.calls / self.quota if self.quota else None


@dataclass(frozen=True)
class Forecast:
    """Calls and time of a whole run; `least` is how few calls it may be, if that is not certain."""

    pools: tuple[PoolForecast, ...]
    rate: Rate
    least: int | None = None

    @property
    def calls(self) -> int:
        """How many calls in all, one for each lookup; at most, if that is not certain."""
        return sum(pool.calls for pool in self.pools)

    @property
    def is_range(self) -> bool:
        """Whether it may be fewer calls."""
        return self.least is not None and self.least < self.calls

    @property
    def least_time(self) -> timedelta:
        """How long the fewest calls take at the measured pace."""
        return timedelta(seconds=(self.calls if self.least is None else self.least) / self.rate.per_second)

    @property
    def requests(self) -> int:
        """How many HTTP requests in all; a request holds calls of one app or Page only."""
        return sum(pool.requests for pool in self.pools)

    @property
    def unknown_limit(self) -> bool:
        """Whether the limit of one of the apps and Pages is not known."""
        return any(pool.quota is None for pool in self.pools)

    @property
    def rate_time(self) -> timedelta:
        """How long the run takes if it reaches no limit."""
        return timedelta(seconds=self.calls / self.rate.per_second)

    @property
    def time(self) -> timedelta:
        """How long the run takes: by the rate or by the tightest limit, whichever takes longer."""
        return max([self.rate_time, *(pool.time for pool in self.pools)])

    @property
    def held_up_by(self) -> PoolForecast | None:
        """The app or Page whose limit decides that time; None if the rate decides."""
        slowest = max(self.pools, key=lambda pool: pool.time, default=None)
        return slowest if slowest and slowest.time > self.rate_time else None


def requests_for(calls: int) -> int:
    """How many HTTP requests so many calls need."""
    return ceil(calls / BATCH_SIZE)


def quota_of(asset: Asset) -> int | None:
    """How many calls a window allows, by the number of users that an admin typed in; None without that number."""
    return CALLS_PER_USER * asset.daily_people if asset.daily_people else None


def window_of(asset: Asset) -> timedelta:
    """The time in which Meta counts calls: an hour for an app, a day for a Page."""
    return _WINDOWS[asset.kind_of]


def quota_time(calls: int, quota: int | None, window: timedelta, *, used: float = 0, stop: float = 95) -> timedelta:
    """How long so many calls take by the limit alone; nothing is sent beyond `stop` percent of it."""
    if not quota:
        return timedelta(0)
    left = quota * max(0.0, stop - used) / 100
    if calls <= left:
        return timedelta(0)
    return ceil((calls - left) / (quota * stop / 100)) * window


def forecast(calls: Mapping[Asset, int], rate: Rate, now: datetime, *, least: int | None = None) -> Forecast:
    """Forecast so many calls of these apps and Pages, perhaps at `least` so many.

    Reads from the database how much of each limit is used.
    """
    seen = {pool.asset_id: pool for pool in QuotaPool.objects.filter(asset__in=calls)}
    pools = [_of_pool(asset, count, seen.get(asset.pk), now) for asset, count in calls.items()]
    return Forecast(tuple(pools), rate, least)


def measured_rate(business: Business) -> Rate:
    """Give the median rate of the business's latest finished runs; without any, a cautious guess."""
    ended = Run.objects.filter(business=business, kind=Run.Kind.LIST, state=Run.State.DONE)
    latest = ended.exclude(started_at=None).exclude(finished_at=None).order_by("-finished_at")
    return rate_of([pair for run in latest[: 2 * RUNS_MEASURED] if (pair := _answered(run))][:RUNS_MEASURED])


def rate_of(runs: Sequence[tuple[int, timedelta]]) -> Rate:
    """Give the median rate of runs, each given as the lookups answered and the time."""
    rates = [count / max(1.0, time.total_seconds()) for count, time in runs]
    return Rate(median(rates), len(rates)) if rates else Rate(CAUTIOUS_RATE)


def _answered(run: Run) -> tuple[int, timedelta] | None:
    """Give how many lookups a run asked and how long it took; None if it is too small to measure."""
    refused = Lookup.objects.filter(run=run, ending=Ending.REFUSED)  # by Graph, so each took a call, too
    for edge in Edge:
        refused = refused.exclude(**{outcome_column(edge): Outcome.NOT_ASKED})
    count = run.linked + run.none + run.failed + refused.count()
    if count < FEWEST_MEASURED or not (run.started_at and run.finished_at):
        return None
    return count, run.finished_at - run.started_at


def _of_pool(asset: Asset, calls: int, pool: QuotaPool | None, now: datetime) -> PoolForecast:
    quota, window = quota_of(asset), window_of(asset)
    still_counts = pool is not None and now - pool.seen_at < window
    used = pool.percent if pool and still_counts else 0.0
    time = quota_time(calls, quota, window, used=used, stop=settings.IDLINK_PACE_STOP)
    if pool and pool.wait_until and calls:
        time = max(time, pool.wait_until - now)
    return PoolForecast(asset, calls, quota, pool.percent if pool else None, pool.seen_at if pool else None, time)
