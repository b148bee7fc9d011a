"""End claimed lookups of lists whose IDs are fresh by now: the answer about another ID of the person has covered them.

Feeding judges each row before it becomes a lookup; answers to lookups that were made with it come later. Only rows
of lists are spared: a refresh and a check of the other side ask about fresh IDs, too, and a person who asks wants
an answer of now.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from businesses.models import Asset
from lookups.asking.tallies import change
from lookups.evidence.freshness import fresh_values, stale_before
from lookups.models import Lookup

WHY = "Not asked: an answer about another ID of the same person has confirmed this one meanwhile."


def without_fresh(batches: Sequence[list[Lookup]], now: datetime) -> list[list[Lookup]]:
    """End the lookups of fresh IDs in these claimed batches; gives the batches without them, and no empty ones."""
    of_lists: dict[Asset, list[Lookup]] = defaultdict(list)
    for lookup in (lookup for batch in batches for lookup in batch):
        if lookup.list_row_id and not lookup.is_probe:
            of_lists[lookup.asset].append(lookup)
    spared = {lookup.pk for asset, lookups in of_lists.items() for lookup in _spared(asset, lookups, now)}
    left = [[lookup for lookup in batch if lookup.pk not in spared] for batch in batches]
    return [batch for batch in left if batch]


def _spared(asset: Asset, claimed: Sequence[Lookup], now: datetime) -> list[Lookup]:
    fresh = fresh_values(asset, {lookup.value for lookup in claimed}, stale_before(asset.business, now))
    by_run: dict[int, list[Lookup]] = defaultdict(list)
    for lookup in claimed:
        if lookup.value in fresh:
            by_run[lookup.run_id].append(lookup)
    for run_pk, lookups in by_run.items():
        with transaction.atomic():
            # What is locked was taken over by another worker, which spares it itself.
            mine = Lookup.objects.still_of(*lookups).select_for_update(skip_locked=True, no_key=True)
            count = Lookup.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).spare(WHY, now=now)
            change(run_pk, fresh=count)
    return [lookup for lookups in by_run.values() for lookup in lookups]
