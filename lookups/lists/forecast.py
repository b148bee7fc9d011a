"""What a list or a refresh will cost before it is started: calls, requests, share of quota, time.

The limits are those that Meta states: an app token 200 calls an hour for each daily user of the app, a page
token 200 calls in 24 hours for each engaged user of the Page. Where those numbers are not known, only the
rate limits the forecast, and the screen says so.
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
_WINDOWS = {AssetKind.APP: timedelta(hours=1), AssetKind.PAGE: timedelta(hours=24)}  # in which its calls are counted
CAUTIOUS_RATE = 10.0  # lookups a second, before anything was measured
RUNS_MEASURED, FEWEST_MEASURED = 5, 20


@dataclass(frozen=True)
class Rate:
    """How many lookups are answered in a second, and of how many finished runs this was measured."""

    per_second: float
    runs: int = 0

    @property
    def measured(self) -> bool:
        """Whether it was measured here; otherwise it is a cautious guess."""
        return self.runs > 0


@dataclass(frozen=True)
class PoolForecast:
    """What a run takes from the limit of one app or Page."""

    asset: Asset
    calls: int
    quota: int | None
    used: float | None
    seen_at: datetime | None
    time: timedelta

    @property
    def requests(self) -> int:
        """HTTP requests: each holds several calls."""
        return requests_for(self.calls)

    @property
    def window(self) -> timedelta:
        """The time for which the quota holds."""
        return window_of(self.asset)

    @property
    def share(self) -> float | None:
        """Percent of the quota that the run takes; None where the quota is not known."""
        return 100 * self.calls / self.quota if self.quota else None


@dataclass(frozen=True)
class Forecast:
    """Calls and time of a whole run."""

    pools: tuple[PoolForecast, ...]
    rate: Rate

    @property
    def calls(self) -> int:
        """One for each lookup."""
        return sum(pool.calls for pool in self.pools)

    @property
    def requests(self) -> int:
        """HTTP requests in all: a request holds calls of one app or Page only."""
        return sum(pool.requests for pool in self.pools)

    @property
    def unknown_limit(self) -> bool:
        """Whether the limit of one of the apps and Pages is not known."""
        return any(pool.quota is None for pool in self.pools)

    @property
    def rate_time(self) -> timedelta:
        """How long it takes at this rate, if no limit is reached."""
        return timedelta(seconds=self.calls / self.rate.per_second)

    @property
    def time(self) -> timedelta:
        """How long it takes: what takes longest, the rate or the limit of one app or Page."""
        return max([self.rate_time, *(pool.time for pool in self.pools)])

    @property
    def held_up_by(self) -> PoolForecast | None:
        """The app or Page whose limit makes it take that long; None if it is the rate."""
        slowest = max(self.pools, key=lambda pool: pool.time, default=None)
        return slowest if slowest and slowest.time > self.rate_time else None


def requests_for(calls: int) -> int:
    """How many HTTP requests as many calls take."""
    return ceil(calls / BATCH_SIZE)


def quota_of(asset: Asset) -> int | None:
    """Calls in a window, by what was typed in about its users; None if nothing was."""
    return CALLS_PER_USER * asset.daily_people if asset.daily_people else None


def window_of(asset: Asset) -> timedelta:
    """An app's calls are counted within an hour, a Page's within a day."""
    return _WINDOWS[asset.kind_of]


def quota_time(calls: int, quota: int | None, window: timedelta, *, used: float = 0, stop: float = 95) -> timedelta:
    """How long the limit alone makes it take; nothing is sent beyond `stop` percent of it."""
    if not quota:
        return timedelta(0)
    left = quota * max(0.0, stop - used) / 100
    if calls <= left:
        return timedelta(0)
    return ceil((calls - left) / (quota * stop / 100)) * window


def forecast(calls: Mapping[Asset, int], rate: Rate, now: datetime) -> Forecast:
    """Say what as many calls of these apps and Pages will take; reads how much of each limit is used."""
    seen = {pool.asset_id: pool for pool in QuotaPool.objects.filter(asset__in=calls)}
    pools = [_of_pool(asset, count, seen.get(asset.pk), now) for asset, count in calls.items()]
    return Forecast(tuple(pools), rate)


def measured_rate(business: Business) -> Rate:
    """Take the middle of what the business's latest finished runs reached; without any, a cautious guess."""
    ended = Run.objects.filter(business=business, kind=Run.Kind.LIST, state=Run.State.DONE)
    latest = ended.exclude(started_at=None).exclude(finished_at=None).order_by("-finished_at")
    return rate_of([pair for run in latest[: 2 * RUNS_MEASURED] if (pair := _answered(run))][:RUNS_MEASURED])


def rate_of(runs: Sequence[tuple[int, timedelta]]) -> Rate:
    """Give the rate of runs that answered so many lookups in such a time."""
    rates = [count / max(1.0, time.total_seconds()) for count, time in runs]
    return Rate(median(rates), len(rates)) if rates else Rate(CAUTIOUS_RATE)


def _answered(run: Run) -> tuple[int, timedelta] | None:
    """Give what a run asked and how long it took; None for one that is too small to tell."""
    refused = Lookup.objects.filter(run=run, ending=Ending.REFUSED)  # by Graph: that took a call, too
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
