"""When a scoped ID was last confirmed, and so whether it is fresh or stale. The one place that says so.

An ID is confirmed by complete answers about all of its edges, as of the oldest of them. Such answers confirm each
ID of the person that they name, too: asking about it would give the same person. Whoever was named by an answer
about one edge alone, by a filtered one or one in part, or is no longer named by the latest, is not confirmed by it;
nor by a person's word. Answers of an undone import are silent: they confirm nothing.

A condition in a query (`confirmed_since`, `has_stale`) and the moments of IDs that are read (`confirmations_of`)
are made of the same expressions. Pages, filters, exports, the refresh and the count ask one of them.
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

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # not null: a condition would then be neither true nor false
_MOST_VALUES = 500  # in one query: SQLite takes some thousand parameters


@dataclass(frozen=True)
class Confirmations:
    """What answers have confirmed of some persons: IDs by their own answers, and pairs of who named whom.

    `named` holds all that answers prove, with NEVER where the answer does not confirm whom it names.
    """

    own: dict[int, datetime]
    named: list[tuple[int, int, datetime]]

    @cached_property
    def latest(self) -> dict[int, datetime]:
        """When each ID was last confirmed; what never was is left out."""
        latest = dict(self.own)
        for _, target, at in self.named:
            if at > NEVER:
                latest[target] = max(at, latest.get(target, at))
        return latest


def stale_before(business: Business, now: datetime) -> datetime:
    """The moment since which an ID of this business must have been confirmed not to be stale."""
    return now - timedelta(days=business.refresh_days)


def is_stale(confirmed: datetime | None, cutoff: datetime) -> bool:
    """Tell whether an ID that was last confirmed then is stale."""
    return confirmed is None or confirmed < cutoff


def confirmed_since(business: Business, cutoff: datetime) -> Q:
    """Tell, as a condition on scoped IDs of this business, which are fresh."""
    undone = undone_imports(business)
    naming = proved().filter(
        GreaterThanOrEqual(named_at(undone), cutoff), target=OuterRef("pk"), source__person=OuterRef("person")
    )
    return Q(GreaterThanOrEqual(answered_at(undone), cutoff)) | Q(Exists(naming))


def has_stale(business: Business, cutoff: datetime) -> Exists:
    """Tell, in a query of persons of this business, who has an ID that is stale."""
    members = ScopedID.objects.filter(person=OuterRef("pk"))
    return Exists(members.exclude(confirmed_since(business, cutoff)))


def confirmations_of(business: Business | int, persons: Collection[int]) -> Confirmations:
    """Read what was confirmed of these persons of a business, in three queries however many they are."""
    undone = undone_imports(business)
    members = ScopedID.objects.filter(person__in=persons).annotate(since=answered_at(undone)).exclude(since=NEVER)
    named = proved().filter(source__person__in=persons, target__person=F("source__person"))
    pairs = named.annotate(since=named_at(undone)).values_list("source", "target", "since")
    return Confirmations(dict(members.values_list("pk", "since")), list(pairs))


def undone_imports(business: Business | int) -> list[int]:
    """Give the runs of imports that were undone, or are being undone: their answers are silent."""
    undoings = Decision.objects.filter(business=business, kind=Decision.Kind.UNDO, undone_at=None)
    return [run for run in undoings.values_list("run", flat=True) if run]


def answered_at(undone: Collection[int], of: str = "") -> Combinable:
    """Since when all of an ID is answered for: the oldest of its edges' latest complete answers; else NEVER.

    `of` leads from the rows that are asked for to the scoped ID.
    """
    oldest = Least(*(Coalesce(F(f"{of}{answered_column(edge)}"), Value(NEVER)) for edge in Edge))
    if not undone:
        return oldest
    silent = [Q(**{f"{of}{answer_column(edge)}__lookup__run__in": undone}) for edge in Edge]
    return Case(When(reduce(or_, silent), then=Value(NEVER)), default=oldest, output_field=DateTimeField())


def named_at(undone: Collection[int]) -> Combinable:
    """Since when a match's target is answered for, as the latest answer about its source gave it; else NEVER."""
    latest = [Q(edge=edge, calling_app=F(f"source__{caller_column(edge)}")) for edge in Edge]
    given = When(reduce(or_, latest), then=answered_at(undone, "source__"))
    return Case(given, default=Value(NEVER), output_field=DateTimeField())


def proved() -> "QuerySet[Match]":
    """The matches that answers prove: live, and not missing from the latest answer that should have held them."""
    return Match.objects.filter(is_live=True, state=MatchState.CONFIRMED).exclude(edge=BY_HAND)


def known_values(asset: Asset, values: Collection[str]) -> dict[str, int]:
    """Give the keys of the IDs of this app or Page that are stored, by value."""
    return dict(pair for rows in _stored(asset, values) for pair in rows.values_list("value", "pk"))


def fresh_values(asset: Asset, values: Collection[str], cutoff: datetime) -> set[str]:
    """Give those of these IDs that were confirmed since `cutoff`."""
    fresh = confirmed_since(asset.business, cutoff)
    return {value for rows in _stored(asset, values) for value in rows.filter(fresh).values_list("value", flat=True)}


def _stored(asset: Asset, values: Collection[str]) -> Iterator["QuerySet[ScopedID, Any]"]:
    wanted = list(values)
    for start in range(0, len(wanted), _MOST_VALUES):
        yield ScopedID.objects.filter(asset=asset, value__in=wanted[start : start + _MOST_VALUES])
