"""When the IDs of persons were last confirmed, and which of them are due; reads what is stored, writes nothing.

An ID counts as confirmed as `lookups.freshness` says. One that was asked without a complete answer counts as
dealt with from then on: what the API does not give this time will not be asked for again before the interval
has passed, though it stays stale.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q

from lookups.cover import parts_of
from lookups.models import BY_HAND, HeldFor, Lookup, Match, MatchState, Question, ScopedID, State
from lookups.outcomes import Edge, Outcome

_DEALT_WITH = (Outcome.LINKED, Outcome.NONE, Outcome.NOT_VISIBLE)


@dataclass
class Known:
    """What is known of one person's IDs: since when each is dealt with, by its own answer or by any; what each told.

    Those in `asked` have a lookup that has not ended; `going` says that one of these does not wait for anything.
    """

    members: dict[int, ScopedID] = field(default_factory=dict)
    links: list[tuple[int, int]] = field(default_factory=list)
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
        """Which IDs the latest answers gave, by the ID that was asked."""
        told: dict[int, set[int]] = {key: set() for key, row in self.members.items() if _has_answered(row)}
        for source, target in self.links:
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

    def note(self, key: int, at: datetime | None, *, own: bool = False) -> None:
        """Take in that an ID was dealt with; by its own answer, or because another one's named it."""
        for times in (self.since, self.own) if own else (self.since,):
            if at is not None:
                times[key] = max(at, times.get(key, at))


def known_of(persons: Collection[int], cutoff: datetime) -> dict[int, Known]:
    """Read what is known of these persons, in four statements."""
    known: dict[int, Known] = {key: Known() for key in persons}
    for row in _members(persons):
        one = known[row.person_id]
        one.members[row.pk] = row
        if row.apps_answered_at and row.pages_answered_at:
            one.note(row.pk, min(row.apps_answered_at, row.pages_answered_at), own=True)
    for person, source, target, edge in _links(persons):
        if source in known[person].members and target in known[person].members:
            known[person].links.append((source, target))
            known[person].note(target, known[person].members[source].answered_at(edge))
    _note_lookups(known, cutoff)
    return known


def _members(persons: Collection[int]) -> Iterable[ScopedID]:
    rows = ScopedID.objects.filter(person__in=persons).order_by("pk")
    answered = ("apps_answered_at", "apps_caller", "pages_answered_at", "pages_caller")
    return rows.only("pk", "person", "app", "page", "value", "first_seen", *answered)


def _links(persons: Collection[int]) -> Iterable[tuple[int, int, int, str]]:
    proved = Match.objects.filter(source__person__in=persons, is_live=True, state=MatchState.CONFIRMED)
    return proved.exclude(edge=BY_HAND).values_list("source__person", "source", "target", "edge")


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
