"""Which scoped IDs need not be asked: what Graph has told of them since a moment.

An ID is fresh if a complete answer about each of its edges came since then, or if a live match that such an
answer proved leads to it: what is asked of one ID of a person covers the others.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from businesses.models import Business, FacebookApp, Page
from lookups.models import Match, MatchState, ScopedID
from lookups.models.scoped_id import scope_of
from lookups.outcomes import Edge

_MOST_VALUES = 500  # in one query: SQLite takes some thousand parameters


def stale_before(business: Business, now: datetime) -> datetime:
    """The moment since which an ID of this business must have been confirmed not to be stale."""
    return now - timedelta(days=business.refresh_days)


def confirmed_since(cutoff: datetime) -> Q:
    """Tell, as a condition on scoped IDs, which are fresh."""
    proved = Match.objects.filter(target=OuterRef("pk"), is_live=True, state=MatchState.CONFIRMED).filter(
        Q(edge=Edge.APPS, source__apps_answered_at__gte=cutoff, calling_app=F("source__apps_caller"))
        | Q(edge=Edge.PAGES, source__pages_answered_at__gte=cutoff, calling_app=F("source__pages_caller"))
    )
    return Q(apps_answered_at__gte=cutoff, pages_answered_at__gte=cutoff) | Q(Exists(proved))


def known_values(asset: FacebookApp | Page, values: Collection[str]) -> dict[str, int]:
    """Give the keys of the IDs of this app or Page that are stored, by value."""
    return dict(pair for rows in _stored(asset, values) for pair in rows.values_list("value", "pk"))


def fresh_values(asset: FacebookApp | Page, values: Collection[str], cutoff: datetime) -> set[str]:
    """Give those of these IDs that were confirmed since `cutoff`."""
    fresh = confirmed_since(cutoff)
    return {value for rows in _stored(asset, values) for value in rows.filter(fresh).values_list("value", flat=True)}


def _stored(asset: FacebookApp | Page, values: Collection[str]) -> Iterator["QuerySet[ScopedID, Any]"]:
    scope = {name: one for name, one in scope_of(asset).items() if one}
    wanted = list(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        yield ScopedID.objects.filter(**scope, value__in=wanted[start : start + _MOST_VALUES])
