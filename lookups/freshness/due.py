"""Find the IDs of persons that are due, and choose the fewest IDs whose answers cover them all. Writes nothing.

`evidence.freshness` decides which IDs are stale. A stale ID is due if it was not dealt with within the interval. An
ID that was asked counts as dealt with even if the answer was not complete: the API would not give more if it were
asked again at once. An ID that was first seen within the interval counts as dealt with, too.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Max, Q, QuerySet

from businesses.models import Business
from lookups.evidence.freshness import NEVER, confirmations_of, is_stale
from lookups.models import HeldFor, Lookup, Question, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, answered_column, outcome_column

_DEALT_WITH = (Outcome.LINKED, Outcome.NONE, Outcome.NOT_VISIBLE)


@dataclass
class PersonToRefresh:
    """One person's IDs: when each was confirmed, when it was last asked about, and which IDs its answers named.

    IDs in `waiting` have an unfinished lookup; `going` says that at least one of these lookups is not held.
    """

    members: dict[int, ScopedID] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    named: dict[int, set[int]] = field(default_factory=dict)
    confirmed: dict[int, datetime] = field(default_factory=dict)
    asked: dict[int, datetime] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    going: bool = False

    def stale(self, cutoff: datetime) -> set[int]:
        """The IDs that were not confirmed since `cutoff`."""
        return {key for key in self.members if is_stale(self.confirmed.get(key), cutoff)}

    def due(self, cutoff: datetime) -> set[int]:
        """The stale IDs that were not dealt with since `cutoff` either."""
        return {key for key in self.stale(cutoff) if self._dealt_with(key) < cutoff}

    @property
    def oldest(self) -> datetime:
        """The earliest time at which one of the IDs was last dealt with: no ID is due until an interval after it."""
        return min(map(self._dealt_with, self.members))

    def _dealt_with(self, key: int) -> datetime:
        """Give when an ID was last confirmed or asked about; if it never was, when it was first seen."""
        times = [times[key] for times in (self.confirmed, self.asked) if key in times]
        return max(times, default=self.members[key].first_seen)

    def parts(self, keys: Collection[int]) -> dict[int, set[int]]:
        """Give, for each of these IDs, the IDs that Graph's links connect with it."""
        parts = parts_of(self.members, self.links)
        return {key: parts[key] for key in keys}

    def may_tell(self, key: int, cutoff: datetime) -> bool:
        """Tell whether asking about this ID can bring news: no lookup asked since `cutoff`, and none is unfinished."""
        was_asked = key in self.asked and self.asked[key] >= cutoff
        return key not in self.waiting and not was_asked


def to_refresh(business: Business, persons: Collection[int], cutoff: datetime) -> dict[int, PersonToRefresh]:
    """Read what the refresh must know about these persons of a business, in six statements."""
    found = {key: PersonToRefresh() for key in persons}
    owners: dict[int, PersonToRefresh] = {}
    for row in _members(persons):
        person = owners[row.pk] = found[row.person_id]
        person.members[row.pk] = row
        if any(row.answered_at(edge) for edge in Edge):
            person.named[row.pk] = set()
    _note_confirmations(business, persons, owners)
    _note_lookups(persons, owners, cutoff)
    return found


def _members(persons: Collection[int]) -> "QuerySet[ScopedID]":
    rows = ScopedID.objects.filter(person__in=persons).order_by("pk")
    return rows.only("pk", "person", "asset", "value", "first_seen", *map(answered_column, Edge))


def _note_confirmations(business: Business, persons: Collection[int], owners: dict[int, PersonToRefresh]) -> None:
    confirmations = confirmations_of(business, persons)
    for key in owners.keys() & confirmations.latest.keys():
        owners[key].confirmed[key] = confirmations.latest[key]
    for key in owners.keys() & confirmations.own.keys():
        owners[key].asked[key] = confirmations.own[key]
    for source, target, at in confirmations.named:
        if source in owners and owners[source] is owners.get(target):
            owners[source].links.append((source, target))
            if at > NEVER:
                owners[source].named.setdefault(source, set()).add(target)


def _note_lookups(persons: Collection[int], owners: dict[int, PersonToRefresh], cutoff: datetime) -> None:
    """Note which IDs were asked about since `cutoff`, and which are being asked about.

    Lookups filtered to one app or Page are not counted.
    """
    lookups = Lookup.objects.filter(scoped_id__person__in=persons, question=Question.LINKS, only=None)
    unfinished = lookups.unfinished().exclude(held_for=HeldFor.PAUSE)
    for key, state in unfinished.values_list("scoped_id", "state"):
        owners[key].waiting.add(key)
        owners[key].going |= state != State.HELD
    settled = reduce(or_, (Q(**{f"{outcome_column(edge)}__in": _DEALT_WITH}) for edge in Edge))
    ended = lookups.filter(settled, finished_at__gte=cutoff).order_by().values("scoped_id")
    for key, last in ended.annotate(last=Max("finished_at")).values_list("scoped_id", "last"):
        asked = owners[key].asked
        asked[key] = max(last, asked.get(key, last))


def fewest(
    due: Collection[int], named: Mapping[int, Collection[int]], parts: Mapping[int, Collection[int]]
) -> list[int]:
    """Choose the IDs to ask about from `parts`; due IDs that no answer would cover are left out.

    `named` holds the IDs that the latest answer about an ID named. For an ID without an answer, we assume that its
    answer will name all IDs that links connect with it. IDs with an answer are chosen first, because their answers
    are likely to name the same IDs again.
    """
    left, chosen = set(due), []
    covers = {key: {key, *named.get(key, parts[key])} for key in parts}

    def worth(key: int) -> tuple[bool, int, int, int]:
        return key in named, len(covers[key] & left), len(covers[key]), -key

    while left:
        best = max((key for key in covers if covers[key] & left), key=worth, default=None)
        if best is None:
            break
        chosen.append(best)
        left -= covers[best]
    return chosen


def parts_of(keys: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Give, for each ID, all IDs that links connect with it, itself included."""
    parts = {key: {key} for key in keys}
    for one, other in links:
        if parts[one] is not parts[other]:
            joined = parts[one] | parts[other]
            parts.update(dict.fromkeys(joined, joined))
    return parts
