"""Store what answers prove: scoped IDs, matches, persons and conflicts. Answers change these in no other way.

The caller holds the business's turn (`businesses.turns`), alone or beside others. The number of queries is the same for
any number of findings, except where IDs are kept apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from businesses.models import Business
from lookups.evidence import conflicts
from lookups.evidence.region import Region, stored_ids
from lookups.evidence.settling import settle
from lookups.evidence.weighing import Finding, Key, Node, Weighed, weigh
from lookups.models import Answer, ScopedID, bulk
from lookups.models.outcomes import Edge
from lookups.models.public_id import new_public_id

_WEIGHED = [
    "state", "is_live", "calling_app", "first_answer", "first_seen", "last_answer", "last_confirmed", "missing_since",
    "row_hash",
]  # fmt: skip
_ANSWERED = [
    "first_seen", "apps_answer", "apps_answered_at", "apps_caller",
    "pages_answer", "pages_answered_at", "pages_caller",
]  # fmt: skip


@dataclass(frozen=True)
class Learnt:
    """Every scoped ID that the findings name, by key; and the IDs whose own answers should now be checked."""

    scoped_ids: dict[Key, ScopedID]
    due: list[ScopedID]


def learn(business: Business, findings: Sequence[Finding], *, alone: bool = True) -> Learnt:
    """Store what the findings prove.

    Beside others, IDs that are new here may have been stored by another transaction meanwhile, and persons joined: then
    the unique key of an ID refuses it with IntegrityError. Evidence that reaches further raises MustBeAlone.
    """
    region = Region.of_persons(business, _persons(business, findings), alone=alone)
    known = {_key(member): member for member in region.members.values()}
    earlier = _see_earlier(findings, known)
    fresh = _unsaved(business, findings, known)
    region.add(fresh.values())
    everyone = known | fresh
    scoped_ids = {node.key: everyone[node.key] for finding in findings for node in _nodes(finding)}
    weighed = weigh(region, findings, scoped_ids)
    groups = settle(region, _causes(findings, scoped_ids))
    _save(weighed, fresh=region.fresh, earlier=earlier)
    conflicts.refresh(region, groups, weighed.given, _oddities(findings, scoped_ids))
    return Learnt(scoped_ids, list(weighed.due.values()))


def _nodes(finding: Finding) -> list[Node]:
    return [finding.source, *(row.target for row in finding.rows)]


def _key(scoped_id: ScopedID) -> Key:
    return (scoped_id.asset_id, scoped_id.value)


def _persons(business: Business, findings: Sequence[Finding]) -> set[int]:
    """Give the persons of those named IDs that are stored."""
    nodes = {(node.asset, node.value) for finding in findings for node in _nodes(finding)}
    return set(stored_ids(business, nodes).values_list("person_id", flat=True))


def _see_earlier(findings: Sequence[Finding], known: dict[Key, ScopedID]) -> dict[str, ScopedID]:
    """Move an ID's first seen back if an answer older than that is stored only now; gives the IDs changed."""
    earlier = {}
    for finding in findings:
        for node in _nodes(finding):
            member = known.get(node.key)
            if member and finding.answer.at < member.first_seen:
                member.first_seen = finding.answer.at
                earlier[member.public_id] = member
    return earlier


def _unsaved(business: Business, findings: Sequence[Finding], known: dict[Key, ScopedID]) -> dict[Key, ScopedID]:
    fresh: dict[Key, ScopedID] = {}
    for finding in sorted(findings, key=lambda finding: finding.answer.at):
        for node in _nodes(finding):
            if node.key not in known and node.key not in fresh:
                fresh[node.key] = bulk.new(
                    ScopedID,
                    business=business,
                    asset=node.asset,
                    value=node.value,
                    first_seen=finding.answer.at,
                    public_id=new_public_id(),
                )
    return fresh


def _causes(findings: Sequence[Finding], scoped_ids: dict[Key, ScopedID]) -> Callable[[Iterable[ScopedID]], Answer]:
    """Give a function that names the cause of a change: the earliest answer that named one of its IDs.

    If no answer named one of them, the cause is the earliest answer of all.
    """
    ordered = sorted(findings, key=lambda finding: finding.answer.at)
    spoke: dict[str, Answer] = {}
    for finding in ordered:
        for node in _nodes(finding):
            spoke.setdefault(scoped_ids[node.key].public_id, finding.answer)

    def cause_of(members: Iterable[ScopedID]) -> Answer:
        told = [spoke[member.public_id] for member in members if member.public_id in spoke]
        return min(told, key=lambda answer: answer.at, default=ordered[0].answer)

    return cause_of


def _save(weighed: Weighed, *, fresh: set[str], earlier: dict[str, ScopedID]) -> None:
    bulk.insert(weighed.fresh)
    bulk.update(list(weighed.changed.values()), _WEIGHED)
    bulk.insert(weighed.events)
    bulk.update([row for name, row in (weighed.answered | earlier).items() if name not in fresh], _ANSWERED)


def _oddities(findings: Sequence[Finding], scoped_ids: dict[Key, ScopedID]) -> list[conflicts.Odd]:
    return [
        conflicts.Odd(scoped_ids[finding.source.key], finding.answer, frozenset(finding.oddities), _is_whole(finding))
        for finding in findings
    ]


def _is_whole(finding: Finding) -> bool:
    """Tell whether both edges were answered completely: only then does a missing row mean something."""
    return set(finding.covers) == set(Edge) and not any(finding.covers.values())
