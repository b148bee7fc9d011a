"""Store the persons that a region's evidence makes. Only this module writes persons, their members and history.

The caller holds the business's turn (`businesses.turns`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from lookups.evidence.region import Region
from lookups.models import Answer, Decision, MovedID, Person, PersonEvent, ScopedID, bulk

# Each of up to FEW persons, and each person who gets more than FEW IDs, is worth a statement of its own. The other
# IDs are moved in statements of MOVED_AT_ONCE IDs.
FEW, MOVED_AT_ONCE = 10, 100


@dataclass(frozen=True)
class Rebuilding:
    """The cause of a change without an answer or decision: wrongly stored persons were computed anew."""

    at: datetime


Cause = Answer | Decision | Rebuilding
CauseOf = Callable[[Iterable[ScopedID]], Cause]


@dataclass
class _Writes:
    """What has to be written."""

    persons: list[Person] = field(default_factory=list)
    fresh: list[ScopedID] = field(default_factory=list)
    moved: list[ScopedID] = field(default_factory=list)
    events: list[tuple[PersonEvent, list[ScopedID]]] = field(default_factory=list)


def settle(region: Region, cause_of: CauseOf) -> list[list[ScopedID]]:
    """Store the region's new IDs and move every ID to the person that the evidence makes; gives the groups.

    A person without any IDs left is kept, because its address must still lead to where the IDs went. When its
    founding ID comes back, it gets its IDs again.
    """
    groups, writes = region.groups(), _Writes()
    persons = _persons_named(region, {group[0].public_id for group in groups})
    went: dict[int, dict[int, list[ScopedID]]] = {}
    owners: dict[int, Person] = {}
    for group in groups:
        person = persons.get(group[0].public_id) or _new_person(region, group, writes)
        for member in group:
            before = member.person if member.person_id else None
            if before and before.pk != person.pk:
                owners[before.pk] = before
                went.setdefault(before.pk, {}).setdefault(id(person), []).append(member)
                writes.moved.append(member)
            elif before is None:
                writes.fresh.append(member)
            member.person = person
    _note_moves(region, owners, went, writes, cause_of)
    _save(writes)
    return groups


def _persons_named(region: Region, founders: set[str]) -> dict[str, Person]:
    present = {member.person.public_id: member.person for member in region.members.values() if member.person_id}
    missing = founders - set(present) - region.fresh  # an ID that was never stored has founded no person
    emptied = Person.objects.filter(business=region.business, public_id__in=missing) if missing else ()
    return present | {person.public_id: person for person in emptied}


def _new_person(region: Region, group: list[ScopedID], writes: _Writes) -> Person:
    founder = group[0]
    person = bulk.new(Person, business=region.business, public_id=founder.public_id, created_at=founder.first_seen)
    writes.persons.append(person)
    return person


def _note_moves(
    region: Region,
    owners: dict[int, Person],
    went: dict[int, dict[int, list[ScopedID]]],
    writes: _Writes,
    cause_of: CauseOf,
) -> None:
    """Note which persons were joined to others and which were split, in the order of the persons' keys."""
    staying = {member.person.pk for member in region.members.values()}
    for key in sorted(went):
        whole = len(went[key]) == 1 and key not in staying
        kind = PersonEvent.Kind.JOINED if whole else PersonEvent.Kind.SPLIT
        for members in went[key].values():
            writes.events.append((_event(kind, owners[key], members[0].person, cause_of(members)), members))


def _event(kind: PersonEvent.Kind, person: Person, other: Person, cause: Cause) -> PersonEvent:
    return bulk.new(
        PersonEvent,
        business_id=person.business_id,
        kind=kind,
        person=person,
        other=other,
        answer=cause if isinstance(cause, Answer) else None,
        decision=cause if isinstance(cause, Decision) else None,
        at=moment_of(cause),
    )


def moment_of(cause: Cause) -> datetime:
    """Give the moment of a cause: of the answer, of the decision or its taking back, or of the rebuilding."""
    return (cause.undone_at or cause.made_at) if isinstance(cause, Decision) else cause.at


def _save(writes: _Writes) -> None:
    bulk.insert(writes.persons)
    bulk.insert(writes.fresh)
    by_person: dict[int, list[int]] = {}
    for member in writes.moved:
        by_person.setdefault(member.person.pk, []).append(member.pk)
    singly = {person: keys for person, keys in by_person.items() if len(by_person) <= FEW or len(keys) > FEW}
    for person, keys in singly.items():
        ScopedID.objects.filter(pk__in=keys).update(person=person)
    many = [member for member in writes.moved if member.person.pk not in singly]
    ScopedID.objects.bulk_update(many, ["person"], batch_size=MOVED_AT_ONCE)
    if by_person:  # the IDs that came may have been confirmed earlier than those that the person had
        Person.objects.filter(pk__in=by_person).exclude(confirmed_after=None).update(confirmed_after=None)
    bulk.insert([event for event, _ in writes.events])
    bulk.insert(
        [
            bulk.new(MovedID, business_id=event.business_id, event=event, scoped_id=member)
            for event, members in writes.events
            for member in members
        ]
    )
