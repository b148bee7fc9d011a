"""Answers into scoped IDs, matches and persons. The only writer of these.

Persons are the connected components of matches: an answer can only join, so the persons it touches
are united, and the one whose founding scoped ID was seen first keeps its public ID. Called with the
business's row locked; a constant number of queries for any number of findings.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from businesses.models import Business, FacebookApp, Page
from lookups.models import Answer, Match, Person, PersonEvent, ScopedID
from lookups.models.public_id import new_public_id
from lookups.models.scoped_id import scope_of

Key = tuple[str, int, str]  # ("ASID" or "PSID", our app's or Page's key, value)


@dataclass(frozen=True)
class Node:
    """A scoped ID as an answer names it, stored or not."""

    asset: FacebookApp | Page
    value: str

    @property
    def key(self) -> Key:
        """What makes it unique within a business."""
        return ("ASID" if isinstance(self.asset, FacebookApp) else "PSID", self.asset.pk, self.value)


@dataclass(frozen=True)
class Row:
    """One row of an answer: the edge it came by, the scoped ID it gave, and the row's hash."""

    edge: str
    target: Node
    row_hash: str


@dataclass(frozen=True)
class Finding:
    """What one stored answer said about one node."""

    answer: Answer
    source: Node
    rows: tuple[Row, ...]


def learn(business: Business, findings: Sequence[Finding]) -> dict[Key, ScopedID]:
    """Store what the findings prove; gives every scoped ID they name, by key."""
    known = _load(business, {node.key for finding in findings for node in _nodes(finding)})
    fresh = _unsaved(business, findings, known)
    scoped_ids = known | fresh
    _unite(business, findings, scoped_ids, fresh)
    _write_matches(business, findings, scoped_ids)
    return scoped_ids


def _nodes(finding: Finding) -> list[Node]:
    return [finding.source, *(row.target for row in finding.rows)]


def _load(business: Business, keys: Iterable[Key]) -> dict[Key, ScopedID]:
    by_asset: dict[tuple[str, int], set[str]] = defaultdict(set)
    for kind, asset_pk, value in keys:
        by_asset[kind, asset_pk].add(value)
    wanted = Q(pk__in=[])
    for (kind, asset_pk), values in by_asset.items():
        column = "app_id" if kind == "ASID" else "page_id"
        wanted |= Q(**{column: asset_pk, "value__in": values})
    rows = ScopedID.objects.filter(wanted, business=business).select_related("person", "app", "page")
    return {_key(row): row for row in rows}


def _key(scoped_id: ScopedID) -> Key:
    return (scoped_id.kind, scoped_id.app_id or scoped_id.page_id or 0, scoped_id.value)


def _unsaved(business: Business, findings: Sequence[Finding], known: dict[Key, ScopedID]) -> dict[Key, ScopedID]:
    fresh: dict[Key, ScopedID] = {}
    for finding in sorted(findings, key=lambda finding: finding.answer.at):
        for node in _nodes(finding):
            if node.key not in known and node.key not in fresh:
                fresh[node.key] = ScopedID(
                    business=business,
                    **scope_of(node.asset),
                    value=node.value,
                    first_seen=finding.answer.at,
                    public_id=new_public_id(),
                )
    return fresh


def _unite(
    business: Business,
    findings: Sequence[Finding],
    scoped_ids: dict[Key, ScopedID],
    fresh: dict[Key, ScopedID],
) -> None:
    members = _members_of_touched(scoped_ids, fresh)
    groups = _components(findings, scoped_ids)
    persons, moved, events = [], [], []
    for keys, answer in groups:
        group = {s.public_id: s for key in keys for s in members[_person_or_self(scoped_ids[key])]}
        founder = min(group.values(), key=lambda scoped_id: scoped_id.founding_order)
        before = {s.person_id: s.person for s in group.values() if s.person_id}
        person = next((p for p in before.values() if p.public_id == founder.public_id), None)
        if person is None:
            person = Person(business=business, public_id=founder.public_id, created_at=founder.first_seen)
            persons.append(person)
            events.append(_event(person, PersonEvent.Kind.FOUND, answer, group.values()))
        for absorbed in [before[pk] for pk in sorted(before) if pk != person.pk]:
            ids = [s for s in group.values() if s.person_id == absorbed.pk]
            events.append(_event(absorbed, PersonEvent.Kind.JOINED, answer, ids, joined_to=person))
        for scoped_id in group.values():
            if scoped_id.pk and scoped_id.person_id != person.pk:
                moved.append(scoped_id)
            scoped_id.person = person
    _save(persons, fresh, moved, events)


def _person_or_self(scoped_id: ScopedID) -> str:
    return f"person:{scoped_id.person_id}" if scoped_id.person_id else f"new:{scoped_id.public_id}"


def _members_of_touched(scoped_ids: dict[Key, ScopedID], fresh: dict[Key, ScopedID]) -> dict[str, list[ScopedID]]:
    members: dict[str, list[ScopedID]] = defaultdict(list)
    touched = {s.person_id for s in scoped_ids.values() if s.person_id}
    for scoped_id in ScopedID.objects.filter(person__in=touched).select_related("person", "app", "page"):
        members[_person_or_self(scoped_id)].append(scoped_ids.get(_key(scoped_id), scoped_id))
    for scoped_id in fresh.values():
        members[_person_or_self(scoped_id)].append(scoped_id)
    return members


def _components(findings: Sequence[Finding], scoped_ids: dict[Key, ScopedID]) -> list[tuple[list[Key], Answer]]:
    """Group the keys that findings and present persons connect, each group with its earliest answer."""
    parent: dict[object, object] = {}

    def root(item: object) -> object:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for finding in findings:
        for node in _nodes(finding):
            parent[root(node.key)] = root(finding.source.key)
            parent[root(node.key)] = root(_person_or_self(scoped_ids[node.key]))
    groups: dict[object, list[Key]] = defaultdict(list)
    earliest: dict[object, Answer] = {}
    for finding in sorted(findings, key=lambda finding: finding.answer.at):
        earliest.setdefault(root(finding.source.key), finding.answer)
    for key in scoped_ids:
        groups[root(key)].append(key)
    return [(keys, earliest[group]) for group, keys in groups.items()]


def _event(
    person: Person,
    kind: PersonEvent.Kind,
    answer: Answer,
    scoped_ids: Iterable[ScopedID],
    joined_to: Person | None = None,
) -> PersonEvent:
    return PersonEvent(
        business=person.business,
        kind=kind,
        person=person,
        joined_to=joined_to,
        scoped_ids=sorted(scoped_id.public_id for scoped_id in scoped_ids),
        answer=answer,
        at=answer.at,
    )


def _save(persons: list[Person], fresh: dict[Key, ScopedID], moved: list[ScopedID], events: list[PersonEvent]) -> None:
    Person.objects.bulk_create(persons)
    ScopedID.objects.bulk_create(fresh.values())
    ScopedID.objects.bulk_update(moved, ["person"])
    PersonEvent.objects.bulk_create(events)


def _write_matches(business: Business, findings: Sequence[Finding], scoped_ids: dict[Key, ScopedID]) -> None:
    matches: dict[tuple[int, int, str], Match] = {}
    for finding in sorted(findings, key=lambda finding: finding.answer.at):
        source = scoped_ids[finding.source.key]
        for row in finding.rows:
            target = scoped_ids[row.target.key]
            if source.pk != target.pk:
                matches[source.pk, target.pk, row.edge] = _match(business, source, target, row, finding.answer)
    newer = _confirmed_later({match.source_id for match in matches.values()})
    Match.objects.bulk_create(
        [match for key, match in matches.items() if newer.get(key, match.last_confirmed) <= match.last_confirmed],
        update_conflicts=True,
        unique_fields=["source", "target", "edge"],
        update_fields=["last_answer", "last_confirmed", "row_hash"],
    )


def _confirmed_later(sources: set[int]) -> dict[tuple[int, int, str], datetime]:
    """When each stored match of these sources was last confirmed: an answer may be stored late."""
    rows = Match.objects.filter(source__in=sources)
    return {
        (source, target, edge): at
        for source, target, edge, at in rows.values_list("source", "target", "edge", "last_confirmed")
    }


def _match(business: Business, source: ScopedID, target: ScopedID, row: Row, answer: Answer) -> Match:
    return Match(
        business=business,
        source=source,
        target=target,
        edge=row.edge,
        first_answer=answer,
        first_seen=answer.at,
        last_answer=answer,
        last_confirmed=answer.at,
        row_hash=row.row_hash,
    )
