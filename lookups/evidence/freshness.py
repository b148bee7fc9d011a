"""Which scoped IDs need not be asked: what Graph has told of them since a moment. The one place that says so.

An ID is fresh if complete answers about both of its edges came since then. Such answers cover each ID that they
name, too: asking about it would give the same person. Whoever was named by an answer about one edge alone, by a
filtered one or one in part, or is no longer named by the latest, is not covered. Answers of an undone import are
silent: they make nothing fresh.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import GreaterThanOrEqual

from businesses.models import Business, FacebookApp, Page
from lookups.models import Decision, Match, MatchState, ScopedID
from lookups.models.outcomes import Edge
from lookups.models.scoped_id import scope_of

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # not null: a condition would then be neither true nor false
_MOST_VALUES = 500  # in one query: SQLite takes some thousand parameters


def stale_before(business: Business, now: datetime) -> datetime:
    """The moment since which an ID of this business must have been confirmed not to be stale."""
    return now - timedelta(days=business.refresh_days)


def undone_imports(business: Business | int) -> list[int]:
    """Give the runs of imports that were undone, or are being undone: their answers are silent."""
    undoings = Decision.objects.filter(business=business, kind=Decision.Kind.UNDO, undone_at=None)
    return [run for run in undoings.values_list("run", flat=True) if run]


def answered_at(undone: Collection[int], of: str = "") -> Case:
    """Since when all of an ID is answered for: the older of its two edges' latest complete answers; else NEVER.

    `of` leads from the rows that are asked for to the scoped ID.
    """
    apps, pages = f"{of}apps_answered_at", f"{of}pages_answered_at"
    silent = Q(**{f"{of}apps_answer__lookup__run__in": undone}) | Q(**{f"{of}pages_answer__lookup__run__in": undone})
    return Case(
        *([When(silent, then=Value(NEVER))] if undone else []),
        When(Q(**{f"{apps}__lte": F(pages)}), then=F(apps)),
        When(Q(**{f"{apps}__gt": F(pages)}), then=F(pages)),
        default=Value(NEVER),
        output_field=DateTimeField(),
    )


def covered_at(undone: Collection[int]) -> Case:
    """Since when a match's target is answered for, as the latest answer about its source gave it; else NEVER."""
    latest = Q(edge=Edge.APPS, calling_app=F("source__apps_caller"))
    latest |= Q(edge=Edge.PAGES, calling_app=F("source__pages_caller"))
    return Case(When(latest, then=answered_at(undone, "source__")), default=Value(NEVER), output_field=DateTimeField())


def proved() -> "QuerySet[Match]":
    """The matches that count: live, and not missing from the latest answer that should have held them."""
    return Match.objects.filter(is_live=True, state=MatchState.CONFIRMED)


def confirmed_since(business: Business, cutoff: datetime) -> Q:
    """Tell, as a condition on scoped IDs of this business, which are fresh."""
    undone = undone_imports(business)
    covering = proved().filter(GreaterThanOrEqual(covered_at(undone), cutoff), target=OuterRef("pk"))
    return Q(GreaterThanOrEqual(answered_at(undone), cutoff)) | Q(Exists(covering))


def known_values(asset: FacebookApp | Page, values: Collection[str]) -> dict[str, int]:
    """Give the keys of the IDs of this app or Page that are stored, by value."""
    return dict(pair for rows in _stored(asset, values) for pair in rows.values_list("value", "pk"))


def fresh_values(asset: FacebookApp | Page, values: Collection[str], cutoff: datetime) -> set[str]:
    """Give those of these IDs that were confirmed since `cutoff`."""
    fresh = confirmed_since(asset.business, cutoff)
    return {value for rows in _stored(asset, values) for value in rows.filter(fresh).values_list("value", flat=True)}


def _stored(asset: FacebookApp | Page, values: Collection[str]) -> Iterator["QuerySet[ScopedID, Any]"]:
    scope = {name: one for name, one in scope_of(asset).items() if one}
    wanted = list(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        yield ScopedID.objects.filter(**scope, value__in=wanted[start : start + _MOST_VALUES])
