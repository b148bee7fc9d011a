"""Everything that happened to a person and its IDs, the latest first, from the evidence.

No row stores that a person was found: it follows from the founding ID and the first answer that named this ID.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import Count, OuterRef, Q, Subquery

from lookups.models import (
    Answer,
    Conflict,
    Decision,
    Match,
    MatchEvent,
    MovedID,
    Person,
    PersonEvent,
    Question,
    ScopedID,
)
from lookups.people.known import PersonKnown

ENTRIES_SHOWN = 200
_ENDS = ("source__asset", "target__asset")


@dataclass(frozen=True)
class FirstSight:
    """How a person was found: the first answer that named its founding ID, and how many IDs that answer named first.

    There is no answer, and so no number, if the rows were not made from an answer.
    """

    person: Person
    answer: Answer | None
    ids: int | None


@dataclass(frozen=True)
class TimelineEntry:
    """One line of a person's timeline."""

    at: datetime
    kind: str
    subject: FirstSight | PersonEvent | MatchEvent | Match | Conflict | Decision


def timeline(known: PersonKnown) -> list[TimelineEntry]:
    """Give what happened to a person and its IDs, the latest first."""
    entries = [*_found(known), *_of_persons(known.person), *_of_matches(known), *_decided(known)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:ENTRIES_SHOWN]


def _found(known: PersonKnown) -> Iterator[TimelineEntry]:
    person = known.person
    founder = next((member for member in known.members if member.public_id == person.public_id), None)
    if founder is None:  # the ID belongs to another person today
        founder = ScopedID.objects.filter(business=person.business_id, public_id=person.public_id).first()
    if founder and not _came_by_a_split(founder, person):
        answer = _first_answer(founder)
        sight = FirstSight(person, answer, _first_named_by(answer) if answer else None)
        yield TimelineEntry(founder.first_seen, "found", sight)


def _came_by_a_split(founder: ScopedID, person: Person) -> bool:
    """Tell whether the founding ID belonged to another person before it had a person of its own."""
    first = MovedID.objects.filter(scoped_id=founder).select_related("event").order_by("event_id").first()
    return first is not None and first.event.other_id == person.pk


def _first_answer(founder: ScopedID) -> Answer | None:
    """Give the answer by which an ID was first seen: the answer was about the ID, or named it."""
    answers = Answer.objects.filter(at=founder.first_seen).select_related("lookup__asset").order_by("pk")
    asked = answers.filter(lookup__scoped_id=founder, lookup__question=Question.LINKS).first()
    naming = Match.objects.filter(target=founder, first_seen=founder.first_seen).values("first_answer")
    return asked or answers.filter(pk__in=naming).first()


def _first_named_by(answer: Answer) -> int:
    """Count the IDs that were first seen in this answer, the ID that it was about included."""
    asked = answer.lookup.scoped_id_id
    named = Match.objects.filter(source=asked, first_answer=answer).values_list("target", flat=True)
    return ScopedID.objects.filter(pk__in={asked, *named}, first_seen=answer.at).count()


def _of_persons(person: Person) -> Iterator[TimelineEntry]:
    """Give the joins and splits, each with the number of IDs that it moved."""
    moves = MovedID.objects.filter(event=OuterRef("pk")).order_by().values("event").annotate(count=Count("pk"))
    events = PersonEvent.objects.filter(Q(person=person) | Q(other=person)).annotate(
        ids=Subquery(moves.values("count"))
    )
    for event in events.select_related("person", "other", "answer__lookup__asset", "decision__made_by")[:ENTRIES_SHOWN]:
        yield TimelineEntry(event.at, "person", event)


def _of_matches(known: PersonKnown) -> Iterator[TimelineEntry]:
    """Give the links that answers gave for the first time, and the later changes of links."""
    of_match = Q(match__source__in=known.keys) | Q(match__target__in=known.keys)
    events = MatchEvent.objects.filter(of_match).select_related(
        *(f"match__{end}" for end in _ENDS), "answer__lookup__asset", "decision__made_by", "decision__undone_by"
    )
    for event in events.order_by("-at", "-pk")[:ENTRIES_SHOWN]:
        yield TimelineEntry(event.at, "event", event)
    given = [match for match in known.matches if match.asserted_by_id is None]
    for match in sorted(given, key=attrgetter("first_seen", "pk"), reverse=True)[:ENTRIES_SHOWN]:
        yield TimelineEntry(match.first_seen, "match", match)


def _decided(known: PersonKnown) -> Iterator[TimelineEntry]:
    """Give the conflicts and the decisions."""
    for conflict in known.conflicts:
        yield TimelineEntry(conflict.found_at, "conflict", conflict)
    decisions = Decision.objects.filter(Q(one__in=known.keys) | Q(other__in=known.keys))
    users_and_ends = ("one__asset", "other__asset", "made_by", "undone_by")
    for decision in decisions.select_related(*users_and_ends)[:ENTRIES_SHOWN]:
        yield TimelineEntry(decision.made_at, "decision", decision)
