"""What staff members decide: retract a link, assert one, keep two IDs apart, accept a conflict; or take that back.

The preview of a decision shows which persons are split and which are joined. The preview changes a region in
memory; the decision makes the same change and stores it, so both give the same persons. Nothing is deleted: taking
a decision back adds to the history, and works for a decision of any age.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from businesses import turns
from businesses.models import Business
from lookups.evidence import conflicts
from lookups.evidence.region import Region
from lookups.evidence.settling import settle
from lookups.evidence.undoing.origins import Origin, ends_of, links_among, origin_of, runs_behind
from lookups.models import BY_HAND, Conflict, Decision, Match, MatchEvent, MatchState, ScopedID

Kind = Decision.Kind
Groups = list[list[ScopedID]]
_LAST = datetime.max.replace(tzinfo=UTC)  # places a link that is only previewed after all others


class CannotDecide(Exception):
    """The decision can't be made or taken back; the text says why."""


@dataclass(frozen=True)
class Preview:
    """The persons before and after, each as its IDs with the founder first; only those that change."""

    before: Groups
    after: Groups

    @property
    def changes(self) -> bool:
        """Whether any person is split or joined."""
        return bool(self.before or self.after)


def preview(kind: Kind, one: ScopedID, other: ScopedID) -> Preview:
    """Show which persons a decision would split or join; raises CannotDecide."""
    return _preview(one.business, [one, other], lambda region: _apply(region, kind, one, other, None))


def preview_undo(decision: Decision) -> Preview:
    """Show what taking a decision back would do; raises CannotDecide."""
    return _preview(decision.business, decision.scoped_ids, lambda region: _take_back(region, decision))


def decide(kind: Kind, one: ScopedID, other: ScopedID, *, reason: str, by: Any, now: datetime) -> Decision:
    """Store the decision, then the persons and conflicts that follow from it; raises CannotDecide."""
    reason = _reason(reason)
    with transaction.atomic():
        business = turns.alone_with(one.business_id)
        region = Region.around(business, _reread(one, other))
        _pair(region, one, other)
        decision = Decision.objects.create(
            business=business, kind=kind, one=one, other=other, reason=reason, made_by=by, made_at=now
        )
        _store(region, decision, _apply(region, kind, one, other, decision), now)
        if kind == Kind.KEEP_APART:
            _settle_conflicts(region, decision, now)
    return decision


def accept(conflict: Conflict, *, reason: str, by: Any, now: datetime) -> Decision:
    """Settle a conflict as it is: its links are served again."""
    reason = _reason(reason)
    with transaction.atomic():
        business = turns.alone_with(conflict.business_id)
        conflict.refresh_from_db()
        if not conflict.is_open:
            raise CannotDecide("This conflict is settled or over already.")
        decision = Decision.objects.create(
            business=business,
            kind=Kind.ACCEPT,
            one=conflict.one,
            other=conflict.other,
            reason=reason,
            made_by=by,
            made_at=now,
        )
        conflicts.settle_by(conflict, decision)
    return decision


def undo(decision: Decision, *, reason: str, by: Any, now: datetime) -> None:
    """Take a decision back; raises CannotDecide if it was taken back already."""
    reason = _reason(reason)
    with transaction.atomic():
        business = turns.alone_with(decision.business_id)
        taken_back = Decision.objects.filter(pk=decision.pk, undone_at=None).exclude(kind=Kind.UNDO)
        if not taken_back.update(undone_at=now, undone_by=by, undone_reason=reason):
            raise CannotDecide("This decision was taken back already.")
        decision.refresh_from_db()
        Conflict.objects.filter(settled_by=decision, ended_at=None).update(settled_by=None)
        region = Region.around(business, _reread(*decision.scoped_ids))
        _store(region, decision, _take_back(region, decision), now)


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise CannotDecide("Give a reason: whoever reads this later needs it.")
    return reason[:500]


def _reread(*scoped_ids: ScopedID) -> list[ScopedID]:
    """Read the IDs again: the caller's lock now keeps other processes from moving them to another person."""
    return list(ScopedID.objects.filter(pk__in=[one.pk for one in scoped_ids]).only("person"))


def _preview(business: Business, seeds: list[ScopedID], change: Callable[[Region], object]) -> Preview:
    region = Region.around(business, _reread(*seeds))
    before = region.groups()
    change(region)
    after = region.groups()
    return Preview(_other_than(before, after), _other_than(after, before))


def _other_than(groups: Groups, others: Groups) -> Groups:
    known = {frozenset(member.public_id for member in group) for group in others}
    return [group for group in groups if frozenset(member.public_id for member in group) not in known]


def _pair(region: Region, one: ScopedID, other: ScopedID) -> tuple[ScopedID, ScopedID]:
    if one.business_id != other.business_id or one.public_id not in region.members:
        raise CannotDecide("These two IDs do not belong to one business.")
    if one.pk == other.pk:
        raise CannotDecide("These are one and the same ID.")
    return region.members[one.public_id], region.members[other.public_id]


def _apply(region: Region, kind: Kind, one: ScopedID, other: ScopedID, decision: Decision | None) -> list[Match]:
    """Change the region as the decision wants; gives the matches that changed. Raises CannotDecide."""
    one, other = _pair(region, one, other)
    if kind == Kind.RETRACT:
        return _retract(region, one, other, decision)
    if kind == Kind.ASSERT:
        return [_assert(region, one, other, decision)]
    if (one.public_id, other.public_id) in region.apart or (other.public_id, one.public_id) in region.apart:
        raise CannotDecide("These two IDs are kept apart already.")
    region.apart.add((one.public_id, other.public_id))
    return []


def _retract(region: Region, one: ScopedID, other: ScopedID, decision: Decision | None) -> list[Match]:
    """Retract the link in both directions.

    Matches that answers gave once and no longer give are retracted too: otherwise they could bring the link back.
    """
    matches = region.between(one, other)
    if not any(match.is_live for match in matches):
        raise CannotDecide("No live link connects these two IDs directly.")
    dropped = [match for match in matches if match.edge == BY_HAND and not match.is_live]
    retracted = [match for match in matches if match.retracted_by_id is None and match not in dropped]
    for match in retracted:
        match.retracted_by = decision
        match.is_live = False
    return retracted


def _assert(region: Region, one: ScopedID, other: ScopedID, decision: Decision | None) -> Match:
    if any(match.is_live for match in region.between(one, other)):
        raise CannotDecide("A live link connects these two IDs already.")
    if region.are_kept_apart(one, other):
        raise CannotDecide("A decision keeps these two apart. Take that back first.")
    first, second = sorted((one, other), key=lambda member: member.founding_order)
    match = next((m for m in region.between(one, other) if m.edge == BY_HAND), None)
    if match is None:
        match = Match(business=region.business, source=first, target=second, edge=BY_HAND)
        match.first_seen = decision.made_at if decision else _LAST
        region.matches.append(match)
    match.asserted_by, match.retracted_by = decision, None
    match.last_confirmed = decision.made_at if decision else match.first_seen
    match.turn(MatchState.CONFIRMED)
    return match


def _take_back(region: Region, decision: Decision) -> list[Match]:
    """Change the region as if the decision had not been made; gives the matches that changed."""
    if decision.kind == Kind.KEEP_APART and decision.one and decision.other:
        pair = (decision.one.public_id, decision.other.public_id)
        region.apart -= {pair, pair[::-1]}
    others, changed = _others_about(decision), []
    for match in region.matches:
        if match.edge == BY_HAND and decision.pk in (match.asserted_by_id, match.retracted_by_id):
            _rest_on(others, match)
            changed.append(match)
        elif match.retracted_by_id == decision.pk:
            match.retracted_by = next((other for other in others if _retracts_after(decision, other)), None)
            match.turn(MatchState(match.state))
            changed.append(match)
    _let_undone_imports_stay_so(region, changed)
    return changed


def _let_undone_imports_stay_so(region: Region, changed: list[Match]) -> None:
    """Retract links that this change made live, though only an import brought them that has been undone since.

    The undo skipped these links because the decision had retracted them already.
    """
    back = {ends_of(match) for match in changed if match.is_live and match.edge != BY_HAND}
    undoings = Decision.objects.filter(business=region.business, kind=Kind.UNDO, undone_at=None) if back else ()
    undone = {undoing.run_id: undoing for undoing in undoings}
    links = links_among(region.matches)
    for link in [links[ends] for ends in back] if undone else ():
        runs = runs_behind(link)
        alone = next((r for r in set(runs.values()) & undone.keys() if origin_of(link, r, runs) == Origin.ALONE), None)
        for match in link if alone else ():
            if match.retracted_by is None and match in changed:
                match.retracted_by, match.is_live = undone[alone], False


def _others_about(decision: Decision) -> list[Decision]:
    """Give the other decisions about the same two IDs that were not taken back, oldest first."""
    ends = [decision.one_id, decision.other_id]
    others = Decision.objects.filter(one__in=ends, other__in=ends, undone_at=None).exclude(pk=decision.pk)
    return list(others.order_by("made_at", "pk"))


def _retracts_after(decision: Decision, other: Decision) -> bool:
    return other.kind == Kind.RETRACT and (other.made_at, other.pk) > (decision.made_at, decision.pk)


def _rest_on(others: list[Decision], match: Match) -> None:
    """Set the state of a link asserted by hand from these decisions; without an assertion it is withdrawn."""
    asserted = retracted = None
    for other in others:
        if other.kind == Kind.ASSERT and (asserted is None or retracted is not None):
            asserted, retracted = other, None
        elif other.kind == Kind.RETRACT and asserted is not None and retracted is None:
            retracted = other
    match.asserted_by, match.retracted_by = asserted or match.asserted_by, retracted
    match.turn(MatchState.CONFIRMED if asserted else MatchState.WITHDRAWN)


_EVENTS = {
    (Kind.RETRACT, False): MatchEvent.Kind.RETRACTED,
    (Kind.RETRACT, True): MatchEvent.Kind.RESTORED,
    (Kind.ASSERT, False): MatchEvent.Kind.ASSERTED,
    (Kind.ASSERT, True): MatchEvent.Kind.DROPPED,
}


def _store(region: Region, decision: Decision, changed: list[Match], now: datetime) -> None:
    """Store the changed matches, their events, and the persons and conflicts that follow from them."""
    for match in changed:
        match.save()
    kind = _EVENTS.get((Kind(decision.kind), decision.undone_at is not None))
    MatchEvent.objects.bulk_create(
        MatchEvent(business=region.business, match=match, kind=kind, is_live=match.is_live, decision=decision, at=now)
        for match in changed
        if kind
    )
    groups = settle(region, lambda members: decision)
    conflicts.refresh(region, groups, now=now)


def _settle_conflicts(region: Region, decision: Decision, now: datetime) -> None:
    """Settle the conflicts between the two IDs kept apart, and those of the links that the decision has just cut."""
    members = [member.pk for member in region.members.values()]
    cut = Conflict.objects.filter(kind=Conflict.Kind.APART, one__in=members, found_at=now, ended_at=None)
    cut.filter(settled_by=None).update(settled_by=decision)
    pairs = [(decision.one, decision.other), (decision.other, decision.one)]
    for one, other in pairs:
        Conflict.objects.filter(one=one, other=other, ended_at=None, settled_by=None).update(settled_by=decision)
