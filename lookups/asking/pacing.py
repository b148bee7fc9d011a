"""Decide whether a call may go out now: slow down near a limit, stop before it, and pause while Graph has trouble.

What one worker learns from usage headers and errors is stored in the database, and all workers keep to it. The
pools and their rules are those of the wire contract, section 5.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from businesses.models import Asset
from lookups.graph import GraphError, TooManyCalls
from lookups.graph.usage import PoolUsage
from lookups.models import QuotaPool

BLOCKED = timedelta(minutes=60)  # used if Graph does not say when it takes calls again
LONGEST_PAUSE = timedelta(minutes=5)
TROUBLES_UNTIL_ONE_AT_A_TIME = 3


def pool_of(asset: Asset) -> QuotaPool | None:
    """Give the pool that stores what is known of an app's or Page's limit, if there is one."""
    return QuotaPool.objects.filter(asset=asset).first()


def careful() -> dict[int, bool]:
    """Give the keys of assets that must not be called twice at once: near a limit, or Graph has trouble with them.

    The value is True if a call for the asset carries only one lookup, to see whether Graph answers again.
    """
    pools = QuotaPool.objects.filter(Q(troubles__gt=0) | Q(percent__gte=settings.IDLINK_PACE_SLOW))
    return {pool.asset_id: pool.troubles >= TROUBLES_UNTIL_ONE_AT_A_TIME for pool in pools}


def resting(business_pk: int, now: datetime) -> set[int]:
    """Give the keys of the business's apps and Pages that get no calls of bulk work now."""
    paused = Q(wait_until__gt=now) | Q(bulk_wait_until__gt=now)
    return set(QuotaPool.objects.filter(paused, business=business_pk).values_list("asset", flat=True))


def note_answer(asset: Asset, usage: Sequence[PoolUsage], *, now: datetime) -> None:
    """Store the usage headers of an answered call; the answer ends a time of trouble."""
    mine = [pool for pool in usage if pool.owner_id in ("", asset.graph_id)]
    percent = max((pool.percent for pool in mine), default=0.0)
    regain = timedelta(minutes=max((pool.regain_minutes for pool in mine), default=0.0))
    pause, why = _pause(percent, regain)
    if percent or QuotaPool.objects.filter(asset=asset).exists():
        bulk = _pause_of_bulk(percent, regain)
        waits = {"wait_until": now + pause if pause else None, "bulk_wait_until": now + bulk if bulk else None}
        _store(asset, percent=percent, seen_at=now, troubles=0, why=why, **waits)


def note_error(asset: Asset, error: GraphError, *, asked_at: datetime, now: datetime) -> None:
    """Store that a whole call failed, or that one of its items hit a limit.

    Calls that were under way at the same time and failed count as one trouble, not as several in a row.
    """
    pool = pool_of(asset)
    if isinstance(error, TooManyCalls):
        wait = timedelta(seconds=error.wait_seconds) if error.wait_seconds else BLOCKED
        why = f"Graph says that the limit of “{asset}” is reached."
        _store(asset, percent=100, seen_at=now, wait_until=now + wait, why=why)
    else:
        before = pool.troubles if pool else 0
        is_known = pool is not None and before > 0 and pool.seen_at >= asked_at
        troubles = before if is_known else min(before + 1, 30)
        pause = min(timedelta(seconds=2.0**troubles), LONGEST_PAUSE) * random.uniform(0.5, 1)  # noqa: S311  (jitter)
        facts = {"seen_at": now, "troubles": troubles}
        if pool is None or pool.wait_until is None or pool.wait_until < now + pause:  # a limit's pause is longer
            why = f"Graph has failed to answer {troubles} times in a row."
            facts |= {"wait_until": now + pause, "why": why}
        _store(asset, **facts)


def note_refusal(asset: Asset) -> None:
    """Store that Graph answered with a refusal: that, too, ends a time of trouble."""
    troubled = QuotaPool.objects.filter(asset=asset, troubles__gt=0)
    troubled.filter(percent__lt=settings.IDLINK_PACE_STOP).update(why="", wait_until=None)
    troubled.update(troubles=0)


def _pause(percent: float, regain: timedelta) -> tuple[timedelta, str]:
    shown = f"{percent:.0f} % of the limit is used up"
    if regain:
        return regain, f"{shown}; Graph takes calls again after this time."
    if percent >= settings.IDLINK_PACE_STOP:
        return BLOCKED, f"{shown}."
    if percent >= settings.IDLINK_PACE_SLOW:
        return timedelta(seconds=percent - settings.IDLINK_PACE_SLOW + 1), f"{shown}: going slowly."
    return timedelta(0), ""


def _pause_of_bulk(percent: float, regain: timedelta) -> timedelta:
    """Give how long bulk work pauses. It stops earlier than other work: the last share of a limit is for staff."""
    if percent < settings.IDLINK_PACE_STOP - settings.IDLINK_STAFF_SHARE:
        return timedelta(0)
    return regain or BLOCKED


def _store(asset: Asset, **facts: object) -> None:
    QuotaPool.objects.update_or_create(
        asset=asset, defaults=facts, create_defaults={"business": asset.business, **facts}
    )
