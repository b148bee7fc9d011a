"""The decision to undo an import, and to take the undo back: which imports can be undone, and how far an undo is.

One decision covers the whole undo; each match that it retracts points to it. The stage follows from the rows:

    decision not taken back, run not marked undone   being undone; `reached` names the last lookup done
    decision not taken back, run marked as undone    undone
    decision taken back, matches still point to it   being restored
"""

from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction

from businesses import turns
from businesses.models import Business
from lookups.models import Decision, Run

UNDOABLE = (Run.State.DONE, Run.State.FAULTY, Run.State.CANCELLED)


class CannotUndo(Exception):
    """The import can't be undone, or its undo can't be taken back; the text says why."""


class Stage(Enum):
    """How far the undo of a run has come."""

    STANDING = "not undone"
    UNDOING = "being undone"
    UNDONE = "undone"
    RESTORING = "being restored"


def latest(run: Run) -> Decision | None:
    """Give the latest decision to undo a run, even if it was taken back."""
    return Decision.objects.filter(kind=Decision.Kind.UNDO, run=run).first()


def stage_of(run: Run, decision: Decision | None) -> Stage:
    """Tell how far the undo of a run has come; `decision` is the latest one about it."""
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


def start_undoing(run: Run, *, reason: str, by: Any, now: datetime) -> Decision:
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
    """Decide to take an undo back, even while it is still under way."""
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
    business = turns.alone_with(run.business_id)
    return business, Run.objects.select_for_update(no_key=True).get(pk=run.pk)
