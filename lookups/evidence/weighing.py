"""Weigh answers against the stored matches: which matches are new, confirmed or missing.

A match is missing from an answer only if the answer covered it: the answer is about the same source and edge, was
asked with the same app's token, was read to its end, and was not filtered to another app or Page. A match that is
missing becomes unconfirmed. If it is missing again a day later, it becomes withdrawn. If an answer gives it again,
it becomes confirmed. An answer older than what is known already takes no match away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings

from businesses.models import Asset
from lookups.evidence.region import Region
from lookups.models import Answer, Decision, Match, MatchEvent, MatchState, ScopedID, bulk
from lookups.models.outcomes import Edge

Key = tuple[int, str]  # the key of our app or Page, and the value


@dataclass(frozen=True)
class Node:
    """A scoped ID as an answer names it, stored or not."""

    asset: Asset
    value: str

    @cached_property
    def key(self) -> Key:
        """The pair that identifies the scoped ID within a business."""
        return (self.asset.pk, self.value)


@dataclass(frozen=True)
class AnswerRow:
    """One row of an answer: the edge it came by, the scoped ID it gave, and the row's hash."""

    edge: str
    target: Node
    row_hash: str


@dataclass(frozen=True)
class Finding:
    """What one stored answer said about one node.

    `covers` holds the edges that were answered to their end, with the app or Page they were narrowed to.
    `oddities` are rows that can't be right: kind of conflict, and Graph's ID of the app or Page.
    """

    answer: Answer
    source: Node
    rows: tuple[AnswerRow, ...]
    covers: Mapping[Edge, Asset | None] = field(default_factory=dict)
    oddities: tuple[tuple[str, str], ...] = ()


@dataclass
class Weighed:
    """The result of weighing: new and changed matches, their events, and the IDs that answers were about.

    `given` are the matches that the answers contain. `due` are the IDs that a linked ID's answer no longer
    contains: their own answers should be checked.
    """

    fresh: list[Match] = field(default_factory=list)
    changed: dict[int, Match] = field(default_factory=dict)
    events: list[MatchEvent] = field(default_factory=list)
    answered: dict[str, ScopedID] = field(default_factory=dict)
    given: list[tuple[Match, Answer]] = field(default_factory=list)
    due: dict[str, ScopedID] = field(default_factory=dict)


def weigh(region: Region, findings: Sequence[Finding], scoped_ids: Mapping[Key, ScopedID]) -> Weighed:
    """Apply the findings to the region's matches, in the order of their answers."""
    weighed, known = Weighed(), _Known(region)
    for finding in sorted(findings, key=lambda finding: finding.answer.at):
        source = scoped_ids[finding.source.key]
        named = _take_rows(weighed, known, finding, source, scoped_ids)
        for edge, only in finding.covers.items():
            missed = [match for match in known.of(source, edge) if (match.target.public_id, edge) not in named]
            _miss(weighed, missed, finding.answer, source.answered_at(edge, finding.answer.calling_app_id), only)
            if only is None:
                _mark_answered(weighed, known.of(source, edge), source, edge, finding.answer)
    return weighed


class _Known:
    """The region's matches, by source and edge."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._matches: dict[tuple[str, str], dict[str, Match]] = {}
        self._retracted: dict[frozenset[str], Decision] = {}
        for match in region.matches:
            self._place(match)
            if match.retracted_by_id and match.retracted_by:
                self._retracted[_ends(match.source, match.target)] = match.retracted_by

    def retraction(self, source: ScopedID, target: ScopedID) -> Decision | None:
        """Give the decision that retracted the link of these two; it holds for both directions."""
        return self._retracted.get(_ends(source, target))

    def _place(self, match: Match) -> None:
        self._matches.setdefault((match.source.public_id, match.edge), {})[match.target.public_id] = match

    def of(self, source: ScopedID, edge: str) -> list[Match]:
        """Give the matches from an ID by an edge."""
        return list(self._matches.get((source.public_id, edge), {}).values())

    def get(self, source: ScopedID, target: ScopedID, edge: str) -> Match | None:
        """Give one match."""
        return self._matches.get((source.public_id, edge), {}).get(target.public_id)

    def add(self, match: Match) -> None:
        """Take in a new match."""
        self._region.matches.append(match)
        self._place(match)


def _take_rows(
    weighed: Weighed, known: _Known, finding: Finding, source: ScopedID, scoped_ids: Mapping[Key, ScopedID]
) -> set[tuple[str, str]]:
    """Add or confirm the matches of an answer's rows; gives the IDs that it named, each with the edge."""
    named = set()
    for row in finding.rows:
        target = scoped_ids[row.target.key]
        if target is source:
            continue
        named.add((target.public_id, row.edge))
        match = known.get(source, target, row.edge)
        if match is None:
            match = _new(weighed, finding.answer, source, target, row, known.retraction(source, target))
            known.add(match)
            weighed.fresh.append(match)
        else:
            _give(weighed, match, row, finding)
        weighed.given.append((match, finding.answer))
    return named


def _ends(one: ScopedID, other: ScopedID) -> frozenset[str]:
    return frozenset((one.public_id, other.public_id))


def _new(
    weighed: Weighed, answer: Answer, source: ScopedID, target: ScopedID, row: AnswerRow, retraction: Decision | None
) -> Match:
    match = bulk.new(
        Match,
        business_id=answer.business_id,
        source=source,
        target=target,
        edge=row.edge,
        calling_app_id=answer.calling_app_id,
        first_answer=answer,
        first_seen=answer.at,
        last_answer=answer,
        last_confirmed=answer.at,
        row_hash=row.row_hash,
        retracted_by=retraction,
        is_live=retraction is None,
    )
    later = source.answered_at(row.edge, answer.calling_app_id)
    if later and later > answer.at:  # this answer is stored late: a newer complete one did not contain the match
        match.missing_since = later
        match.turn(MatchState.UNCONFIRMED)
        weighed.due[target.public_id] = target
        _tell(weighed, match, MatchEvent.Kind.MISSING, source.answer_about(row.edge) or answer)
    return match


def _give(weighed: Weighed, match: Match, row: AnswerRow, finding: Finding) -> None:
    """Confirm a known match that an answer contains."""
    answer = finding.answer
    if answer.at < match.first_seen:
        match.first_seen, match.first_answer = answer.at, answer
        _change(weighed, match)
    # An older answer that is stored only now does not change what a newer answer has shown.
    newest = match.source.answered_at(match.edge, match.calling_app_id)
    if answer.at < max(at for at in (match.last_confirmed, match.missing_since, newest) if at):
        return
    is_back = match.state != MatchState.CONFIRMED
    if is_back:
        match.turn(MatchState.CONFIRMED)
        match.missing_since = None
        _tell(weighed, match, MatchEvent.Kind.BACK, answer)
    same_row = match.row_hash == row.row_hash and match.calling_app_id == answer.calling_app_id
    if is_back or not same_row or finding.covers.get(Edge(match.edge), match) is not None:
        # In all other cases the time of confirmation follows from the source's latest answer: nothing to store.
        match.last_confirmed, match.last_answer, match.row_hash = answer.at, answer, row.row_hash
        match.calling_app_id = answer.calling_app_id
        _change(weighed, match)


def _miss(
    weighed: Weighed,
    missed: Sequence[Match],
    answer: Answer,
    answered_before: datetime | None,
    only: Asset | None,
) -> None:
    """Mark matches as unconfirmed or withdrawn that an answer should have contained and did not."""
    for match in missed:
        known = max(match.last_confirmed, answered_before or match.last_confirmed)
        elsewhere = only is not None and match.target.asset_id != only.pk
        if elsewhere or match.calling_app_id != answer.calling_app_id or answer.at <= known:
            continue
        if match.state == MatchState.CONFIRMED:
            match.last_confirmed, match.missing_since = known, answer.at
            match.turn(MatchState.UNCONFIRMED)
            weighed.due[match.target.public_id] = match.target
            _tell(weighed, match, MatchEvent.Kind.MISSING, answer)
        elif match.state == MatchState.UNCONFIRMED and _is_long_after(answer.at, match.missing_since):
            match.turn(MatchState.WITHDRAWN)
            _tell(weighed, match, MatchEvent.Kind.WITHDRAWN, answer)


def _is_long_after(at: datetime, since: datetime | None) -> bool:
    return since is not None and at >= since + timedelta(hours=settings.IDLINK_WITHDRAW_AFTER_HOURS)


def _mark_answered(weighed: Weighed, matches: Sequence[Match], source: ScopedID, edge: Edge, answer: Answer) -> None:
    before = source.answered_at(edge)
    if before is not None and before >= answer.at:
        return
    for match in matches:
        _keep_confirmed(weighed, match, answer)
    source.set_answer(edge, answer)
    weighed.answered[source.public_id] = source


def _keep_confirmed(weighed: Weighed, match: Match, answer: Answer) -> None:
    """Store when a match was confirmed, before an answer to another app's token becomes the source's latest.

    Until then that time follows from the source's latest answer.
    """
    if match.calling_app_id != answer.calling_app_id and match.proving_answer_id != match.last_answer_id:
        match.last_answer_id, match.last_confirmed = match.proving_answer_id, match.confirmed_at
        _change(weighed, match)


def _tell(weighed: Weighed, match: Match, kind: MatchEvent.Kind, answer: Answer) -> None:
    _change(weighed, match)
    weighed.events.append(
        bulk.new(
            MatchEvent,
            business_id=match.business_id,
            match=match,
            kind=kind,
            is_live=match.is_live,
            answer=answer,
            at=answer.at,
        )
    )


def _change(weighed: Weighed, match: Match) -> None:
    if match.pk:
        weighed.changed[match.pk] = match
