"""Take lookups that are due, under a lease, in batches that one call can ask about.

All of a batch are of one app or Page, so that one credential does for them; whose run they belong to does not
matter to Graph.
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
    """Take up to `most` batches: the oldest due lookup with others of the same app or Page, then another's.

    `under_way` are the apps and Pages that are being called, as often as they are. Businesses with fewer calls
    go first; nothing is taken of an app or Page that is to be called once at a time and is being called, nor of the
    businesses `left_out`, by their keys.
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
    """Give, one after the other, which businesses are left out, the part of what is left that one asset may have, and
    whether just one of each business has it.

    First come businesses with the fewest calls under way, so that nobody's trouble holds up the others; each has a go
    at half of what is left, then each app and Page, and in the end whoever waits longest at all of it.
    """
    calls = Counter(asset.business_id for asset in under_way)
    levels = sorted(set(calls.values()))
    fewer = [({one for one, count in calls.items() if count >= level}, 2, True) for level in levels]
    return [*fewer, (set(), 2, True), (set(), 2, False), (set(), 1, False)]


def _askable(lane: str, now: datetime, busy: Collection[int]) -> LookupQuerySet:
    askable = Lookup.objects.askable(lane, now).exclude(asset__in=busy)
    return askable.select_for_update(skip_locked=True, of=("self",)).order_by("pk")


def _take(askable: LookupQuerySet, careful: dict[int, bool], most: int, lease: datetime) -> list[list[Lookup]]:
    """Take up to `most` batches of the app or Page whose lookup has waited longest."""
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
    """Read the few runs, apps and Pages that many lookups name: once, not with each."""
    prefetch_related_objects(lookups, *_READ_ONCE)
    for lookup in lookups:
        lookup.business = lookup.asset.business
