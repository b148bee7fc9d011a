"""Claim due lookups under a lease, in batches that one call can ask about.

All lookups of a batch belong to one app or Page, so one credential serves them all. They may belong to several runs.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects

from businesses.models import Asset
from lookups.asking import pacing
from lookups.graph import BATCH_SIZE
from lookups.models import Lookup
from lookups.models.lookup_life import LookupQuerySet

_READ_ONCE = ("run", "asset__business", "asset__managed_by", "only")


def claim(
    lane: str,
    *,
    now: datetime,
    under_way: Collection[Asset] = (),
    most: int = 1,
    left_out: Collection[int] = (),
) -> list[list[Lookup]]:
    """Claim up to `most` batches: the oldest due lookup with others of its app or Page, then the next app or Page.

    `under_way` holds the app or Page of each call under way, once for each call. Businesses with fewer calls under
    way go first. Two sorts of lookups are not claimed: those of an app or Page that must be called once at a time
    and is being called, and those of the businesses whose keys are in `left_out`.
    """
    careful = pacing.careful()
    busy = {asset.pk for asset in under_way if asset.pk in careful}
    lease = now + timedelta(seconds=settings.IDLINK_LEASE_SECONDS)
    batches: list[list[Lookup]] = []
    served: set[int] = set()
    with transaction.atomic():
        for behind, share, one_each in _goes(under_way):
            served, left = busy | (served if share > 1 else set()), behind.union(left_out)
            while room := most - len(batches):
                askable = _askable(lane, now, served).exclude(business__in=left)
                taken = _take(askable, careful, -(-room // share), lease)
                if not taken:
                    break
                batches += taken
                asset_pk = taken[0][0].asset_id
                served.add(asset_pk)
                left |= {taken[0][0].business_id} if one_each else set()
                busy |= {asset_pk} & careful.keys()
            if not (batches or behind):
                break
    _read_what_they_share([lookup for batch in batches for lookup in batch])
    return batches


def _goes(under_way: Collection[Asset]) -> list[tuple[set[int], int, bool]]:
    """Give the rounds of claiming, in order. Each round has three limits:

    - the businesses that the round leaves out;
    - the divisor of the remaining room: one app or Page may fill the room divided by this number;
    - whether each business gets only one app or Page served in the round.

    The first rounds admit only the businesses with the fewest calls under way, so a business whose calls are slow
    does not hold up the others. In these rounds each business may fill half of the remaining room. Then each app
    and Page may fill half of it. In the last round, the lookups that have waited longest fill all of it.
    """
    calls = Counter(asset.business_id for asset in under_way)
    levels = sorted(set(calls.values()))
    fewer = [({one for one, count in calls.items() if count >= level}, 2, True) for level in levels]
    return [*fewer, (set(), 2, True), (set(), 2, False), (set(), 1, False)]


def _askable(lane: str, now: datetime, busy: Collection[int]) -> LookupQuerySet:
    askable = Lookup.objects.askable(lane, now).exclude(asset__in=busy)
    return askable.select_for_update(skip_locked=True, of=("self",)).order_by("pk")


def _take(askable: LookupQuerySet, careful: dict[int, bool], most: int, lease: datetime) -> list[list[Lookup]]:
    """Claim up to `most` batches of the app or Page whose lookup has waited longest."""
    oldest = askable.first()
    if oldest is None:
        return []
    size = 1 if oldest.is_probe or careful.get(oldest.asset_id) else BATCH_SIZE
    calls = 1 if oldest.is_probe or oldest.asset_id in careful else most
    taken = list(askable.filter(asset=oldest.asset_id)[: size * calls])
    Lookup.objects.filter(pk__in=[lookup.pk for lookup in taken]).claim(lease)
    for lookup in taken:
        lookup.claimed_until(lease)
    return [taken[start : start + size] for start in range(0, len(taken), size)]


def _read_what_they_share(lookups: list[Lookup]) -> None:
    """Read the runs, apps and Pages of these lookups, each only once: many lookups share a few of them."""
    prefetch_related_objects(lookups, *_READ_ONCE)
    for lookup in lookups:
        lookup.business = lookup.asset.business
