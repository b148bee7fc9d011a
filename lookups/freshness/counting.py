"""Count how fresh a business's IDs are, what holds up the stale ones, and what it takes to confirm them.

Counting goes over all its IDs: it is done now and then in the background, never for a page view.
"""

import time
from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from businesses.models import Business, FacebookApp, Page
from lookups.asking import reviews
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.freshness.askable import look_at_all
from lookups.models import FreshnessCount, ScopedID

REVIEW, POLICY = "review", "policy_not_confirmed"


def count_all(now: datetime, *, only: int | None = None) -> None:
    """Count for every business, or for the one with this key."""
    businesses = Business.objects.order_by("pk")
    for business in businesses if only is None else businesses.filter(pk=only):
        count(business, now)


def count(business: Business, now: datetime) -> FreshnessCount:
    """Count the IDs of one business, and those of them that were confirmed within its interval."""
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


def calls_by_asset(counted: FreshnessCount) -> dict[FacebookApp | Page, int]:
    """Give the lookups that the stale IDs will take, by the app or Page they are asked of."""
    assets = {f"app:{app.pk}": app for app in FacebookApp.objects.filter(business=counted.business)}
    pages = {f"page:{page.pk}": page for page in Page.objects.filter(business=counted.business)}
    known: dict[str, FacebookApp | Page] = {**assets, **pages}
    return {known[key]: calls for key, calls in counted.calls.items() if key in known}


def _causes(
    business: Business, ids: "QuerySet[ScopedID]", stale: "QuerySet[ScopedID]", due: int, now: datetime
) -> tuple[dict[str, int], dict[str, int]]:
    """Give the stale IDs that can't be asked, by reason, and one lookup for each other person that has stale ones."""
    if not due:
        return {}, {}
    if not business.policy_confirmed_at or reviews.open_review(business):
        return {REVIEW if business.policy_confirmed_at else POLICY: due}, {}
    standing = look_at_all(business, ids, now)
    open_ = ids.exclude(standing.closed)
    stuck = stale.filter(standing.closed).exclude(Exists(open_.filter(person=OuterRef("person"))))
    held_up: Counter[str] = Counter()
    for row in _by_asset(stuck):
        held_up[standing.why_not(row["app"], row["page"])] += row["how_many"]
    return dict(held_up), _calls(stale, open_)


def _calls(stale: "QuerySet[ScopedID]", open_: "QuerySet[ScopedID]") -> dict[str, int]:
    """For each person with stale IDs one lookup, about the first ID that has answered before, or else the first."""
    answered = Q(apps_answered_at__isnull=False) | Q(pages_answered_at__isnull=False)
    members = open_.filter(person__in=stale.order_by().values("person")).order_by().values("person")
    asked = members.annotate(first=Coalesce(Min("pk", filter=answered), Min("pk"))).values("first")
    rows = _by_asset(ScopedID.objects.filter(pk__in=asked))
    return {f"page:{row['page']}" if row["app"] is None else f"app:{row['app']}": row["how_many"] for row in rows}


def _by_asset(rows: "QuerySet[ScopedID]") -> Any:
    return rows.order_by().values("app", "page").annotate(how_many=Count("pk"))
