"""When the IDs of persons were last confirmed, and which of them are due; reads what is stored, writes nothing.

An ID counts as confirmed as `lookups.freshness` says: the moments come from there. One that was asked without a
complete answer counts as dealt with from then on: what the API does not give this time will not be asked for
again before the interval has passed, though it stays stale.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from businesses.models import Business
from lookups.evidence.freshness import NEVER, answered_at, covered_at, proved, undone_imports
from lookups.freshness.cover import parts_of
from lookups.models import BY_HAND, HeldFor, Lookup, Question, ScopedID, State
from lookups.models.outcomes import Edge, Outcome

_DEALT_WITH = (Outcome.LINKED, Outcome.NONE, Outcome.NOT_VISIBLE)


@dataclass
class Known:
    """What is known of one person's IDs: since when each is dealt with, by its own answer or by any; what each told.

    Those in `asked` have a lookup that has not ended; `going` says that one of these does not wait for anything.
    """

    members: dict[int, ScopedID] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
    covers: list[tuple[int, int]] = field(default_factory=list)
    since: dict[int, datetime] = field(default_factory=dict)
    own: dict[int, datetime] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    going: bool = False

    def due(self, cutoff: datetime) -> set[int]:
        """The IDs that were not dealt with since `cutoff`."""
        return {key for key in self.members if self.since_of(key) < cutoff}

    def since_of(self, key: int) -> datetime:
        """When an ID was last dealt with; at the earliest when it was first seen."""
        return self.since.get(key, self.members[key].first_seen)

    @property
    def oldest(self) -> datetime:
        """When the first of them was last dealt with: none of them is due an interval later, or before."""
        return min(map(self.since_of, self.members))

    @property
    def told(self) -> dict[int, set[int]]:
        """Which IDs the latest answers spoke for, by the ID that was asked."""
        told: dict[int, set[int]] = {key: set() for key, row in self.members.items() if _has_answered(row)}
        for source, target in self.covers:
            told.setdefault(source, set()).add(target)
        return told

    def parts(self, keys: Collection[int]) -> dict[int, set[int]]:
        """For each of these IDs, those that Graph's links connect it with."""
        parts = parts_of(self.members, self.links)
        return {key: parts[key] for key in keys}

    def may_tell(self, key: int, cutoff: datetime) -> bool:
        """Whether asking this ID may tell something new: it was not asked since `cutoff`, nor is it being asked."""
        was_asked = key in self.own and self.own[key] >= cutoff
        return key not in self.asked and not was_asked

    def note(self, key: int, at: datetime, *, own: bool = False) -> None:
        """Take in that an ID was dealt with, if ever; by its own answer, or because another one's named it."""
        for times in (self.since, self.own) if own else (self.since,):
            if at > NEVER:
                times[key] = max(at, times.get(key, at))


def known_of(business: Business, persons: Collection[int], cutoff: datetime) -> dict[int, Known]:
    """Read what is known of these persons of a business, in five statements."""
    known: dict[int, Known] = {key: Known() for key in persons}
    undone = undone_imports(business)
    for row in _members(persons).annotate(at=answered_at(undone)):
        one = known[row.person_id]
        one.members[row.pk] = row
        one.note(row.pk, row.at, own=True)
    links = proved().filter(source__person__in=persons).exclude(edge=BY_HAND).annotate(at=covered_at(undone))
    for person, source, target, at in links.values_list("source__person", "source", "target", "at"):
        if source in known[person].members and target in known[person].members:
            known[person].links.append((source, target))
            known[person].note(target, at)
            if at > NEVER:
                known[person].covers.append((source, target))
    _note_lookups(known, cutoff)
    return known


def _members(persons: Collection[int]) -> "QuerySet[ScopedID]":
    rows = ScopedID.objects.filter(person__in=persons).order_by("pk")
    answered = ("apps_answered_at", "apps_caller", "pages_answered_at", "pages_caller")
    return rows.only("pk", "person", "app", "page", "value", "first_seen", *answered)


def _note_lookups(known: dict[int, Known], cutoff: datetime) -> None:
    """Take in what was asked since, and what is being asked; a lookup narrowed to one app or Page is neither."""
    owner = {key: one for one in known.values() for key in one.members}
    asked = Lookup.objects.filter(scoped_id__person__in=known, question=Question.LINKS, only_app=None, only_page=None)
    unfinished = asked.unfinished().exclude(held_for=HeldFor.PAUSE)
    for key, state in unfinished.values_list("scoped_id", "state"):
        owner[key].asked.add(key)
        owner[key].going |= state != State.HELD
    settled = Q(apps_outcome__in=_DEALT_WITH) | Q(pages_outcome__in=_DEALT_WITH)
    ended = asked.filter(settled, finished_at__gte=cutoff).order_by().values("scoped_id")
    for row in ended.annotate(last=Max("finished_at")):
        owner[row["scoped_id"]].note(row["scoped_id"], row["last"], own=True)


def _has_answered(row: ScopedID) -> bool:
    return any(row.answered_at(edge) for edge in Edge)
