"""Conflicts: pieces of evidence that contradict each other.

They are looked for again whenever a person changes. A conflict that is no longer found has ended. Conflicts never
change which IDs are one person. While a conflict is open, its links are not served as certain; a staff member's
decision or later answers settle it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from django.db.models import Q, QuerySet

from businesses.models import AssetKind
from lookups.evidence.region import Region
from lookups.models import LIVE, Answer, Conflict, Decision, Match, ScopedID
from lookups.models.outcomes import edge_to

Kind = Conflict.Kind
Key = tuple[str, str, str, str]  # kind, public IDs of one and other, detail
OF_AN_ANSWER = (Kind.OTHER_ASSET, Kind.WRONG_KIND, Kind.MOVED)


@dataclass(frozen=True)
class Odd:
    """What was odd about the rows of one answer.

    A complete answer ends the earlier conflicts of this source whose oddity it no longer shows.
    """

    source: ScopedID
    answer: Answer
    oddities: frozenset[tuple[str, str]]
    is_complete: bool


def open_ones(rows: QuerySet[Conflict]) -> QuerySet[Conflict]:
    """Narrow to the conflicts that a staff member still has to decide."""
    return rows.filter(ended_at=None, settled_by=None)


def has_open() -> Q:
    """Give a condition for a query of persons: the person has an open conflict. It begins with the conflicts: few."""
    running = open_ones(Conflict.objects.order_by())
    return Q(pk__in=running.values("one__person").union(running.exclude(other=None).values("other__person")))


def refresh(
    region: Region,
    groups: Sequence[Sequence[ScopedID]],
    given: Sequence[tuple[Match, Answer]] = (),
    odd: Sequence[Odd] = (),
    *,
    now: datetime | None = None,
) -> None:
    """Store the conflicts that begin in the region and end those that are over.

    `given` are the matches that the answers being recorded contain.
    """
    present = _present(region, groups)
    present |= {(kind, one.source.public_id, "", detail) for one in odd for kind, detail in one.oddities}
    running = _running(region)
    at = now or max(answer.at for answer in [*(answer for _, answer in given), *(one.answer for one in odd)])
    again = _raised_again(running, given)
    complete = {one.source.public_id for one in odd if one.is_complete}
    ended = [c for key, c in running.items() if key not in present and _may_end(key, complete)] + again
    if ended:
        Conflict.objects.filter(pk__in=[conflict.pk for conflict in ended]).update(ended_at=at)
    gone = {conflict.pk for conflict in ended}
    kept = {key for key, conflict in running.items() if conflict.pk not in gone}
    answers = {one.source.public_id: one.answer for one in odd}
    answers |= {match.source.public_id: answer for match, answer in given}
    found = [_conflict(region, key, answers, at) for key in sorted(present - kept)]
    _settle_as_before(found)
    Conflict.objects.bulk_create(found)


def _settle_as_before(found: Sequence[Conflict]) -> None:
    """Settle new conflicts by an earlier acceptance of the same conflict, if it is not taken back.

    Links kept apart are left out: a later answer that gives such a link must raise the conflict again.
    """
    about = [conflict for conflict in found if conflict.kind != Kind.APART]
    if not about:
        return
    earlier = Conflict.objects.filter(
        one__in=[conflict.one for conflict in about],
        settled_by__kind=Decision.Kind.ACCEPT,
        settled_by__undone_at=None,
        ended_at__isnull=False,
    )
    accepted = {(c.kind, c.one_id, c.other_id, c.detail): c.settled_by_id for c in earlier}
    for conflict in about:
        key = (conflict.kind, conflict.one_id, conflict.other_id, conflict.detail)
        conflict.settled_by_id = accepted.get(key)


def _conflict(region: Region, key: Key, answers: dict[str, Answer], at: datetime) -> Conflict:
    kind, one, other, detail = key
    return Conflict(
        business=region.business,
        kind=kind,
        one=region.members[one],
        other=region.members[other] if other else None,
        detail=detail,
        answer=answers.get(one),
        found_at=at,
    )


def _running(region: Region) -> dict[Key, Conflict]:
    persons = {member.person.pk for name, member in region.members.items() if name not in region.fresh}
    rows = Conflict.objects.filter(one__person__in=persons, ended_at=None)
    rows = rows.select_related("settled_by", "one", "other")
    return {(c.kind, c.one.public_id, c.other.public_id if c.other else "", c.detail): c for c in rows}


def _may_end(key: Key, complete: set[str]) -> bool:
    """Tell whether a conflict that was not found again may end: an oddity of an answer needs a complete answer."""
    return key[0] not in OF_AN_ANSWER or key[1] in complete


def _raised_again(running: dict[Key, Conflict], given: Iterable[tuple[Match, Answer]]) -> list[Conflict]:
    """Give the settled conflicts whose link was kept apart and is now given again by a later answer."""
    again = {}
    for match, answer in given:
        conflict = running.get(_apart_key(match))
        if conflict and conflict.settled_by and answer.at > conflict.settled_by.made_at:
            again[conflict.pk] = conflict
    return list(again.values())


def _present(region: Region, groups: Sequence[Sequence[ScopedID]]) -> set[Key]:
    place = {member.public_id: number for number, group in enumerate(groups) for member in group}
    found = set(_kept_apart(region, place))
    for group in groups:
        found |= set(_two_ids(group))
    given: dict[tuple[str, str], Match] = {}
    for match in region.matches:
        if match.is_live and not match.asserted_by_id:
            given[match.source.public_id, match.target.public_id] = match
    rows_of = {(match.source.public_id, match.edge) for match in given.values()}
    found |= set(_one_way(given, rows_of))
    return found | set(_two_persons(given, rows_of, set(_of_undone_imports(region))))


def _of_undone_imports(region: Region) -> Iterator[frozenset[str]]:
    """Give the links that were retracted when an import was undone.

    The answers of an undone import count as silence, not as a no.
    """
    for match in region.matches:
        retraction = match.retracted_by if match.retracted_by_id else None
        undone = retraction is not None and retraction.kind == Decision.Kind.UNDO
        if undone and match.state in LIVE:
            yield frozenset((match.source.public_id, match.target.public_id))


def _two_ids(group: Sequence[ScopedID]) -> Iterator[Key]:
    by_asset: dict[int, list[ScopedID]] = defaultdict(list)
    for member in group:
        by_asset[member.asset_id].append(member)
    for members in by_asset.values():
        for other in members[1:]:
            yield (Kind.TWO_IDS, members[0].public_id, other.public_id, "")


def _kept_apart(region: Region, place: dict[str, int]) -> Iterator[Key]:
    """Give the links that answers contain against a decision: a pair is kept apart, or the link was retracted."""
    for match in region.matches:
        ends = (match.source.public_id, match.target.public_id)
        skipped = match.is_live and place[ends[0]] != place[ends[1]]
        confirmed_after = (
            match.retracted_by_id is not None
            and match.retracted_by is not None
            and match.state in LIVE
            and not match.asserted_by_id
            and match.confirmed_at > match.retracted_by.made_at
        )
        if skipped or confirmed_after:
            yield _apart_key(match)


def _apart_key(match: Match) -> Key:
    one, other = sorted((match.source.public_id, match.target.public_id))
    return (Kind.APART, one, other, "")


def says_no(source: ScopedID, target: ScopedID, since: datetime, rows_of: set[tuple[str, str]]) -> bool:
    """Tell whether the source's latest answer, received after `since`, could have contained the target.

    An answer without any ASID to a PSID says nothing: the person may not have installed the app that asked
    (the guide, use case 1). Nor does an answer to an ASID about a Page that its app does not manage (use case 2).
    """
    edge = edge_to(target.asset.kind)
    answered = source.answered_at(edge)
    if source.asset.kind == AssetKind.APP and target.asset.managed_by_id not in (None, source.asset_id):
        return False
    always = source.asset.kind == AssetKind.APP or target.asset.kind == AssetKind.PAGE
    speaks = always or (source.public_id, edge) in rows_of
    return answered is not None and answered >= since and speaks


def _one_way(given: dict[tuple[str, str], Match], rows_of: set[tuple[str, str]]) -> Iterator[Key]:
    for (source, target), match in given.items():
        back = given.get((target, source))
        if back is None and says_no(match.target, match.source, match.first_seen, rows_of):
            yield (Kind.ONE_WAY, source, target, "")


def _two_persons(
    given: dict[tuple[str, str], Match], rows_of: set[tuple[str, str]], undone: set[frozenset[str]]
) -> Iterator[Key]:
    """Give pairs of IDs that both give the same third ID, while their own answers deny each other."""
    into: dict[str, dict[str, Match]] = defaultdict(dict)
    for (source, target), match in given.items():
        into[target][source] = match
    for target, matches in into.items():
        for one, other in combinations(sorted(matches), 2):
            a, b = matches[one].source, matches[other].source
            is_named = (one, other) in given or (other, one) in given or frozenset((one, other)) in undone
            if is_named or a.asset_id == b.asset_id:
                continue
            since = max(matches[one].first_seen, matches[other].first_seen)
            if says_no(a, b, since, rows_of) and says_no(b, a, since, rows_of):
                yield (Kind.TWO_PERSONS, one, other, target)


def settle_by(conflict: Conflict, decision: Decision) -> None:
    """Store that this decision settles the conflict, if it is still open."""
    Conflict.objects.filter(pk=conflict.pk, ended_at=None, settled_by=None).update(settled_by=decision)
