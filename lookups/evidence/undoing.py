"""Undo an import: retract every link that only it brought, and take that back. Nothing is deleted.

One decision stands for the whole undo; each match that it retracts points to it. The work goes on in steps, each
a transaction of its own with the business's row locked, so that others get their turn and a worker that is
killed loses at most one step. Where it stands follows from the rows:

    decision stands, run not marked as undone      being undone, up to the lookup that `reached` names
    decision stands, run marked as undone          undone
    decision taken back, matches still point to it being restored
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from businesses.models import Business
from lookups.evidence import conflicts
from lookups.evidence.brought import Ends, Standing, ends_of, links_among, runs_behind, standing
from lookups.evidence.region import Region
from lookups.evidence.settling import settle
from lookups.models import BY_HAND, LIVE, Decision, Lookup, Match, MatchEvent, Run, ScopedID

STEP, STEPS_A_TURN = 200, 25  # lookups or matches a transaction; transactions before the worker takes other work
MOST_PREVIEWED, MOST_SHOWN = 3000, 5  # lookups looked at for a preview; persons shown whole
LEASE = timedelta(seconds=60)
Groups = list[list[ScopedID]]
UNDOABLE = (Run.State.DONE, Run.State.FAULTY, Run.State.CANCELLED)


class CannotUndo(Exception):
    """What was asked for can't be done; the text says why."""


class Stage(Enum):
    """How far the undo of a run has come."""

    STANDING = "not undone"
    UNDOING = "being undone"
    UNDONE = "undone"
    RESTORING = "being restored"


def latest(run: Run) -> Decision | None:
    """Give the decision by which a run was last undone, whether it stands or not."""
    return Decision.objects.filter(kind=Decision.Kind.UNDO, run=run).first()


def stage_of(run: Run, decision: Decision | None) -> Stage:
    """Tell how far it has come; `decision` is the latest one."""
    if decision is None:
        return Stage.STANDING
    if decision.undone_at is None:
        return Stage.UNDONE if run.undone_at else Stage.UNDOING
    return Stage.RESTORING if decision.retractions.exists() else Stage.STANDING


def why_not(run: Run) -> str:
    """Tell why a run can't be undone; empty if it can."""
    if run.kind != Run.Kind.LIST:
        return "Only an import can be undone."
    if run.state not in UNDOABLE or run.finished_at is None or run.lookups.unfinished().exists():
        return "This import is not over yet: wait until it has ended, or cancel it first."
    return ""


def start(run: Run, *, reason: str, by: Any, now: datetime) -> Decision:
    """Decide to undo an import. The caller wakes the workers on commit. Raises CannotUndo."""
    reason = _reason(reason)
    with transaction.atomic():
        business, run = _locked(run)
        if refused := why_not(run):
            raise CannotUndo(refused)
        if stage_of(run, latest(run)) != Stage.STANDING:
            raise CannotUndo("This import is undone already, or about to be.")
        kind = Decision.Kind.UNDO
        return Decision.objects.create(business=business, kind=kind, run=run, reason=reason, made_by=by, made_at=now)


def take_back(run: Run, *, reason: str, by: Any, now: datetime) -> Decision:
    """Decide to have everything as it would be without the undo, also if that is still going on."""
    reason = _reason(reason)
    with transaction.atomic():
        _, run = _locked(run)
        decision = latest(run)
        if decision is None or decision.undone_at is not None:
            raise CannotUndo("There is no undo of this import to take back.")
        decision.undone_at, decision.undone_by, decision.undone_reason = now, by, reason
        decision.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    return decision


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise CannotUndo("Give a reason: whoever reads this later needs it.")
    return reason[:500]


def _locked(run: Run) -> tuple[Business, Run]:
    business = Business.objects.select_for_update(no_key=True).get(pk=run.business_id)
    return business, Run.objects.select_for_update(no_key=True).get(pk=run.pk)


@dataclass
class Preview:
    """What an undo would do: links by how they stand to the import, and the persons that fall apart, by founder.

    Of a large import only its first lookups are looked at: `looked_at` of `asked`.
    """

    asked: int
    looked_at: int = 0
    links: dict[Ends, Standing] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    shown: dict[str, Groups] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all was looked at, so that the numbers are exact."""
        return self.looked_at >= self.asked

    @property
    def retracted(self) -> int:
        """How many links only this import brought."""
        return sum(standing == Standing.ALONE for standing in self.links.values())

    @property
    def staying(self) -> list[tuple[str, int]]:
        """Why links stay, and how many."""
        counts = Counter(self.links.values())
        reasons = [standing for standing in Standing if standing != Standing.ALONE and counts[standing]]
        return [(reason.value, counts[reason]) for reason in reasons]

    @property
    def become(self) -> int:
        """How many persons there are afterwards of those that fall apart."""
        return sum(self.parts.values())


def preview(run: Run, *, most: int = MOST_PREVIEWED) -> Preview:
    """Show what an undo would do: the same as the act, in memory, and without the writing."""
    rows = asked_after(run, 0)
    result, gone, reached = Preview(asked=rows.count()), set[int](), 0
    while result.looked_at < most and (asked := list(asked_after(run, reached)[:STEP])):
        region = region_of(run.business, asked)
        before = region.groups()
        for match in region.matches:
            match.is_live = match.is_live and match.pk not in gone
        links = links_standing(region, run, asked)
        for match in retractable(links):
            match.is_live = False
            gone.add(match.pk)
        result.links |= {ends_of(link[0]): standing for standing, found in links.items() for link in found}
        _compare(result, before, region.groups())
        reached, result.looked_at = asked[-1][0], result.looked_at + len(asked)
    return result


def _compare(result: Preview, before: Groups, after: Groups) -> None:
    """Note who falls apart; of a person with several asked IDs the last look has it all."""
    parts: dict[str, Groups] = {}
    owner = {member.public_id: group[0].public_id for group in before for member in group}
    for group in after:
        parts.setdefault(owner[group[0].public_id], []).append(group)
    for founder, groups in parts.items():
        if len(groups) > 1:
            result.parts[founder] = len(groups)
            if founder in result.shown or len(result.shown) < MOST_SHOWN:
                result.shown[founder] = groups


def left_behind(now: datetime) -> list[int]:
    """Give the runs with work left that no worker is at: its message was lost, or the worker died."""
    pointing = Exists(Match.objects.filter(retracted_by=OuterRef("pk")))
    begun = Q(undone_at=None, run__undone_at=None) | Q(pointing, undone_at__isnull=False)
    idle = Q(busy_until=None) | Q(busy_until__lt=now)
    rows = Decision.objects.filter(begun, idle, kind=Decision.Kind.UNDO)
    return list(rows.order_by("pk").values_list("run", flat=True))


def go_on(run_pk: int) -> bool:
    """Work at the undo, or its taking back, for one turn; tells whether there is more.

    Two messages about one run do no harm: whoever comes second finds it busy and leaves.
    """
    decision = Decision.objects.filter(kind=Decision.Kind.UNDO, run=run_pk).first()
    if decision is None or not _claim(decision):
        return False
    more = True
    for _ in range(STEPS_A_TURN):
        more = more and _step(decision.pk)
    Decision.objects.filter(pk=decision.pk).update(busy_until=None)
    return more


def _claim(decision: Decision) -> bool:
    now = timezone.now()
    free = Decision.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=decision.pk)
    return free.update(busy_until=now + LEASE) == 1


def _step(decision_pk: int) -> bool:
    """Do the next step in a transaction; which one, says the decision as it is by now."""
    now = timezone.now()
    with transaction.atomic():
        key = Decision.objects.values_list("business", flat=True).get(pk=decision_pk)
        business = Business.objects.select_for_update(no_key=True).get(pk=key)
        decision = Decision.objects.select_related("run").get(pk=decision_pk)
        more = _undo_some(business, decision, now) if decision.undone_at is None else _restore(business, decision, now)
        decision.busy_until = now + LEASE
        decision.save(update_fields=["reached", "busy_until"])
    return more


def _undo_some(business: Business, decision: Decision, now: datetime) -> bool:
    run = _run_of(decision)
    asked = list(asked_after(run, decision.reached)[:STEP])
    if not asked:
        Run.objects.filter(pk=run.pk, undone_at=None).update(undone_at=now)
        return False
    region = region_of(business, asked)
    changed = retractable(links_standing(region, run, asked))
    for match in changed:
        match.retracted_by, match.is_live = decision, False
    _rows(changed).update(retracted_by=decision, is_live=False)
    decision.reached = asked[-1][0]
    _let_follow(region, decision, changed, MatchEvent.Kind.RETRACTED, now)
    return True


def _run_of(decision: Decision) -> Run:
    if decision.run is None:
        raise ValueError("An undo is about a run.")
    return decision.run


def asked_after(run: Run, lookup: int) -> "QuerySet[Lookup, tuple[int, Any]]":
    """Give a run's lookups after one, in order, each with the scoped ID that it was about."""
    rows = Lookup.objects.filter(run=run, pk__gt=lookup, scoped_id__isnull=False)
    return rows.order_by("pk").values_list("pk", "scoped_id")


def region_of(business: Business, asked: Iterable[tuple[int, Any]]) -> Region:
    """Load the persons of the IDs that were asked about."""
    keys = [scoped_id for _, scoped_id in asked]
    return Region.around(business, ScopedID.objects.filter(pk__in=keys).only("person"))


def links_standing(region: Region, run: Run, asked: Iterable[tuple[int, Any]]) -> dict[Standing, list[list[Match]]]:
    """Sort the live links from the IDs that were asked about by how they stand to the run."""
    sources = {scoped_id for _, scoped_id in asked}
    live = [match for match in region.matches if match.is_live and match.source_id in sources]
    touched: set[Ends] = {ends_of(match) for match in live if match.edge != BY_HAND}
    links = {ends: link for ends, link in links_among(region.matches).items() if ends in touched}
    runs = runs_behind(match for link in links.values() for match in link)
    sorted_links: dict[Standing, list[list[Match]]] = {}
    for link in links.values():
        sorted_links.setdefault(standing(link, run.pk, runs), []).append(link)
    return sorted_links


def retractable(links: dict[Standing, list[list[Match]]]) -> list[Match]:
    """Give the matches to retract: both directions of the run's own links, also what answers gave once."""
    alone = (match for link in links.get(Standing.ALONE, ()) for match in link)
    return [match for match in alone if match.retracted_by_id is None and match.edge != BY_HAND]


def _restore(business: Business, decision: Decision, now: datetime) -> bool:
    """Take the retraction from some matches. What answers said meanwhile counts, as with any undo."""
    some = list(decision.retractions.order_by("pk").values_list("source", "target")[:STEP])
    if not some:
        Run.objects.filter(pk=_run_of(decision).pk).update(undone_at=None)
        return False
    seeds = ScopedID.objects.filter(pk__in={key for pair in some for key in pair}).only("person")
    region = Region.around(business, seeds)
    changed = [match for match in region.matches if match.retracted_by_id == decision.pk]
    later = _retracted_later(decision, changed)
    for match in changed:
        match.retracted_by = later.get(ends_of(match))
        match.is_live = match.state in LIVE and match.retracted_by is None
    for is_live in (True, False):
        free = [match for match in changed if match.retracted_by is None and match.is_live == is_live]
        _rows(free).update(retracted_by=None, is_live=is_live)
    for match in changed:
        if match.retracted_by is not None:
            match.save(update_fields=["retracted_by", "is_live"])
    _let_follow(region, decision, changed, MatchEvent.Kind.RESTORED, now)
    return True


def _retracted_later(undo: Decision, matches: Sequence[Match]) -> dict[Ends, Decision]:
    """Give the decisions, made after the undo, that retract the same links: they stand without it."""
    ends = {key for match in matches for key in (match.source_id, match.target_id)}
    later = Decision.objects.filter(kind=Decision.Kind.RETRACT, undone_at=None, made_at__gte=undo.made_at)
    rows = later.filter(one__in=ends, other__in=ends).select_related("one", "other").order_by("made_at", "pk")
    return {frozenset((row.one.public_id, row.other.public_id)): row for row in rows if row.one and row.other}


def _rows(matches: Iterable[Match]) -> QuerySet[Match]:
    return Match.objects.filter(pk__in=[match.pk for match in matches])


def _let_follow(
    region: Region, decision: Decision, changed: Sequence[Match], kind: MatchEvent.Kind, now: datetime
) -> None:
    """Write events, the persons that follow, and the conflicts; all at the moment at which it happens."""
    if not changed:
        return
    MatchEvent.objects.bulk_create(
        MatchEvent(business=region.business, match=match, kind=kind, is_live=match.is_live, decision=decision, at=now)
        for match in changed
    )
    cause = copy(decision)
    cause.made_at = cause.undone_at = now  # history tells of a join or split when it came about, step by step
    conflicts.refresh(region, settle(region, lambda members: cause), now=now)
