"""Undo an import step by step, by retracting every link that only it brought; or restore it. Nothing is deleted.

Each step is its own transaction, alone with the business. Other work gets its turn between two steps, and
a worker that is killed loses at most one step.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from businesses import turns
from businesses.models import Business
from lookups.evidence import conflicts
from lookups.evidence.region import Region
from lookups.evidence.settling import settle
from lookups.evidence.undoing.origins import Ends, ends_of
from lookups.evidence.undoing.reading import STEP, asked_after, links_by_origin, region_of, retractable
from lookups.models import LIVE, Decision, Match, MatchEvent, Run, ScopedID

STEPS_A_TURN = 25  # how many steps a worker does before it takes other work
LEASE = timedelta(seconds=60)


def left_behind(now: datetime) -> list[int]:
    """Give the runs whose undo or restoring is unfinished while no worker is busy with it.

    The message was lost, or the worker died.
    """
    pointing = Exists(Match.objects.filter(retracted_by=OuterRef("pk")))
    begun = Q(undone_at=None, run__undone_at=None) | Q(pointing, undone_at__isnull=False)
    idle = Q(busy_until=None) | Q(busy_until__lt=now)
    rows = Decision.objects.filter(begun, idle, kind=Decision.Kind.UNDO)
    return list(rows.order_by("pk").values_list("run", flat=True))


def go_on_undoing(run_pk: int) -> bool:
    """Do one turn of the undo, or of its taking back; tells whether work is left.

    Two messages about one run do no harm: the second worker finds the run busy and does nothing.
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
    """Do the next step in a transaction; the decision, read again, says whether to undo or to restore."""
    now = timezone.now()
    with transaction.atomic():
        key = Decision.objects.values_list("business", flat=True).get(pk=decision_pk)
        business = turns.alone_with(key)
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
    changed = retractable(links_by_origin(region, run, asked))
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


def _restore(business: Business, decision: Decision, now: datetime) -> bool:
    """Remove the retraction from some matches; a match that answers have withdrawn meanwhile stays withdrawn."""
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
    """Give the decisions made after the undo that retract the same links: these links stay retracted."""
    ends = {key for match in matches for key in (match.source_id, match.target_id)}
    later = Decision.objects.filter(kind=Decision.Kind.RETRACT, undone_at=None, made_at__gte=undo.made_at)
    rows = later.filter(one__in=ends, other__in=ends).select_related("one", "other").order_by("made_at", "pk")
    return {frozenset((row.one.public_id, row.other.public_id)): row for row in rows if row.one and row.other}


def _rows(matches: Iterable[Match]) -> QuerySet[Match]:
    return Match.objects.filter(pk__in=[match.pk for match in matches])


def _let_follow(
    region: Region, decision: Decision, changed: Sequence[Match], kind: MatchEvent.Kind, now: datetime
) -> None:
    """Store the events, persons and conflicts that follow from the changed matches, all with the time of this step."""
    if not changed:
        return
    MatchEvent.objects.bulk_create(
        MatchEvent(business=region.business, match=match, kind=kind, is_live=match.is_live, decision=decision, at=now)
        for match in changed
    )
    cause = copy(decision)
    cause.made_at = cause.undone_at = now  # history dates a join or split by the step, not by the decision
    conflicts.refresh(region, settle(region, lambda members: cause), now=now)
