"""Count a business's fresh and stale IDs, the causes that hold up stale ones, and the lookups that would confirm them.

Counting reads all IDs of the business, so it runs now and then in the background, never for a page view.
"""

import time
from collections import Counter
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from businesses.models import Asset, Business
from lookups.asking import holds
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.freshness.askable import askable_of
from lookups.models import FreshnessCount, ScopedID
from lookups.models.outcomes import Edge, answered_column


def count_all(now: datetime, *, only: int | None = None) -> None:
    """Count for every business, or for the one with this key."""
    businesses = Business.objects.order_by("pk")
    for business in businesses if only is None else businesses.filter(pk=only):
        count(business, now)


def count(business: Business, now: datetime) -> FreshnessCount:
    """Count the IDs of one business, and how many of them were confirmed within its interval."""
    began = time.monotonic()
    ids = ScopedID.objects.filter(business=business)
    stale = ids.exclude(confirmed_since(business, stale_before(business, now)))
    total, due = ids.aggregate(ids=Count("pk"), people=Count("person", distinct=True)), stale.count()
    held_up, calls = _causes(business, ids, stale, due, now)
    counted, _ = FreshnessCount.objects.update_or_create(
        business=business,
        defaults={
            "counted_at": now,
            "took_ms": round(1000 * (time.monotonic() - began)),
            "days": business.refresh_days,
            "ids": total["ids"],
            "people": total["people"],
            "confirmed": total["ids"] - due,
            "held_up": held_up,
            "calls": calls,
        },
    )
    return counted


def calls_by_asset(counted: FreshnessCount) -> dict[Asset, int]:
    """Give the number of lookups that confirm the stale IDs, by the app or Page whose token asks."""
    assets = Asset.objects.filter(business=counted.business).in_bulk([int(key) for key in counted.calls])
    return {asset: counted.calls[str(key)] for key, asset in assets.items()}


def _causes(
    business: Business, ids: "QuerySet[ScopedID]", stale: "QuerySet[ScopedID]", due: int, now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """Count the stale IDs that can't be asked, by the code of the reason, and the lookups for the others, by asset."""
    if not due:
        return {}, {}
    if not business.policy_confirmed_at:
        return {"policy_not_confirmed": due}, {}
    if holds.open_review(business):
        return {"under_review": due}, {}
    askable = askable_of(business, ids, now)
    open_ = ids.exclude(askable.closed)
    stuck = stale.filter(askable.closed).exclude(Exists(open_.filter(person=OuterRef("person"))))
    held_up: Counter[str] = Counter()
    for asset, how_many in _by_asset(stuck).items():
        held_up[askable.why_not(asset)] += how_many
    return dict(held_up), {str(asset): calls for asset, calls in _by_asset(_asked(stale, open_)).items()}


def _asked(stale: "QuerySet[ScopedID]", open_: "QuerySet[ScopedID]") -> "QuerySet[ScopedID]":
    """Give one askable ID of each person with stale IDs: the first that has answered before, or else the first."""
    answered = reduce(or_, (Q(**{f"{answered_column(edge)}__isnull": False}) for edge in Edge))
    members = open_.filter(person__in=stale.order_by().values("person")).order_by().values("person")
    first = members.annotate(first=Coalesce(Min("pk", filter=answered), Min("pk"))).values("first")
    return ScopedID.objects.filter(pk__in=first)


def _by_asset(rows: "QuerySet[ScopedID]") -> dict[int, int]:
    return dict(rows.order_by().values_list("asset").annotate(how_many=Count("pk")))
