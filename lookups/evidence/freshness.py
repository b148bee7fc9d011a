"""When a scoped ID was last confirmed, and so whether it is fresh or stale. The one place that decides this.

Complete answers about all edges of an ID confirm it, as of the oldest of these answers. They also confirm each ID
of the person that they name, because asking about that ID would give the same person. These confirm nothing: an
answer about one edge alone, a filtered or partial answer, an older answer whose ID the latest one no longer names,
a link that a staff member asserted, and the answers of an undone import.

The conditions for queries (`confirmed_since`, `has_stale`) and the moments that are read (`confirmations_of`) are
built from the same expressions. Pages, filters, exports, the refresh and the count all use one of them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import GreaterThanOrEqual

from businesses.models import Asset, Business
from lookups.models import BY_HAND, Decision, Match, MatchState, ScopedID
from lookups.models.outcomes import Edge, answer_column, answered_column, caller_column

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # not null: in SQL, a comparison with null is neither true nor false
_MOST_VALUES = 500  # in one query: SQLite takes some thousand parameters


@dataclass(frozen=True)
class Confirmations:
    """What answers have confirmed about some persons.

    `own` holds the IDs that their own answers confirm, with the moment. `named` holds each pair of IDs that an
    answer links: the source, the target, and the moment; NEVER if the answer does not confirm the target.
    """

    own: dict[int, datetime]
    named: list[tuple[int, int, datetime]]

    @cached_property
    def latest(self) -> dict[int, datetime]:
        """When each ID was last confirmed; an ID that never was is left out."""
        latest = dict(self.own)
        for _, target, at in self.named:
            if at > NEVER:
                latest[target] = max(at, latest.get(target, at))
        return latest


def stale_before(business: Business, now: datetime) -> datetime:
    """Give the cutoff: an ID of this business that was not confirmed since then is stale."""
    return now - timedelta(days=business.refresh_days)


def is_stale(confirmed: datetime | None, cutoff: datetime) -> bool:
    """Tell whether an ID last confirmed at `confirmed` is stale."""
    return confirmed is None or confirmed < cutoff


def confirmed_since(business: Business, cutoff: datetime) -> Q:
    """Give a condition for a query of this business's scoped IDs: the ID is fresh."""
    return _confirmed(cutoff, undone_imports(business))


def _confirmed(cutoff: datetime, undone: Collection[int]) -> Q:
    naming = proved().filter(
        GreaterThanOrEqual(named_at(undone), cutoff), target=OuterRef("pk"), source__person=OuterRef("person")
    )
    return Q(GreaterThanOrEqual(answered_at(undone), cutoff)) | Q(Exists(naming))


def has_stale(businesses: "QuerySet[Business]", now: datetime) -> Q:
    """Give a condition for a query of these businesses' persons: the person has a stale ID."""
    keys, stale = [one.pk for one in businesses], Q(pk__in=[])
    undone = undone_imports(*keys)
    members = ScopedID.objects.filter(person=OuterRef("pk"))
    for business in {one.refresh_days: one for one in businesses}.values():  # what is stale depends on nothing else
        unconfirmed = Exists(members.exclude(_confirmed(stale_before(business, now), undone)))
        stale |= Q(unconfirmed, business__refresh_days=business.refresh_days)
    return stale & Q(business__in=keys)


def confirmations_of(business: Business | int, persons: Collection[int]) -> Confirmations:
    """Read what was confirmed about these persons of a business, in three queries for any number of persons."""
    undone = undone_imports(business)
    members = ScopedID.objects.filter(person__in=persons).annotate(since=answered_at(undone)).exclude(since=NEVER)
    named = proved().filter(source__person__in=persons, target__person=F("source__person"))
    pairs = named.annotate(since=named_at(undone)).values_list("source", "target", "since")
    return Confirmations(dict(members.values_list("pk", "since")), list(pairs))


def undone_imports(*businesses: Business | int) -> list[int]:
    """Give the runs of imports that were undone or are being undone: their answers confirm nothing."""
    undoings = Decision.objects.filter(business__in=businesses, kind=Decision.Kind.UNDO, undone_at=None)
    return [run for run in undoings.values_list("run", flat=True) if run]


def answered_at(undone: Collection[int], of: str = "") -> Combinable:
    """Give an ID's own confirmation: the oldest among its edges' latest complete answers; else NEVER.

    `of` is the prefix that leads from the queried rows to the scoped ID.
    """
    oldest = Least(*(Coalesce(F(f"{of}{answered_column(edge)}"), Value(NEVER)) for edge in Edge))
    if not undone:
        return oldest
    silent = [Q(**{f"{of}{answer_column(edge)}__lookup__run__in": undone}) for edge in Edge]
    return Case(When(reduce(or_, silent), then=Value(NEVER)), default=oldest, output_field=DateTimeField())


def named_at(undone: Collection[int]) -> Combinable:
    """Give when the latest answers about a match's source confirmed its target; NEVER if they did not."""
    latest = [Q(edge=edge, calling_app=F(f"source__{caller_column(edge)}")) for edge in Edge]
    given = When(reduce(or_, latest), then=answered_at(undone, "source__"))
    return Case(given, default=Value(NEVER), output_field=DateTimeField())


def proved() -> "QuerySet[Match]":
    """Give the live matches that no later answer has omitted, without those asserted by hand."""
    return Match.objects.filter(is_live=True, state=MatchState.CONFIRMED).exclude(edge=BY_HAND)


def known_values(asset: Asset, values: Collection[str]) -> dict[str, int]:
    """Give the stored ones among these IDs of an app or Page: their keys, by value."""
    return dict(pair for rows in _stored(asset, values) for pair in rows.values_list("value", "pk"))


def fresh_values(asset: Asset, values: Collection[str], cutoff: datetime) -> set[str]:
    """Give the values among these whose IDs were confirmed since `cutoff`."""
    fresh = confirmed_since(asset.business, cutoff)
    return {value for rows in _stored(asset, values) for value in rows.filter(fresh).values_list("value", flat=True)}


def _stored(asset: Asset, values: Collection[str]) -> Iterator["QuerySet[ScopedID, Any]"]:
    wanted = list(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        yield ScopedID.objects.filter(asset=asset, value__in=wanted[start : start + _MOST_VALUES])
