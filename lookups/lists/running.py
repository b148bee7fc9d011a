"""Starts, pauses, continues, cancels and retries a counted run. The caller wakes the workers on commit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from businesses import turns
from businesses.reasons import reason
from lookups.asking.tallies import change
from lookups.models import Decision, Ending, HeldFor, ListRow, Lookup, Run, State

_State = Run.State
_AGAIN = (Ending.REFUSED, Ending.FAILED)
CANCELLED = reason("cancelled").text


class CannotChange(Exception):
    """The run's state does not allow this; the text says why."""


def start(run: Run, *, by: Any, now: datetime) -> None:
    """Begin to ask about the rows of a list that was read; raises CannotChange."""
    with _locked(run, [_State.READY], "Only a list that was read to its end can be started.") as locked:
        locked.state, locked.started_at, locked.changed_by = _State.GOING, now, by
        locked.save(update_fields=["state", "started_at", "changed_by"])


def pause(run: Run, *, by: Any, now: datetime) -> None:
    """Pause a run. Answers to calls already on their way are still recorded. Raises CannotChange."""
    with _locked(run, [_State.GOING], "Only a run under way can be paused.") as locked:
        locked.state, locked.changed_by = _State.PAUSED, by
        locked.save(update_fields=["state", "changed_by"])
        _hold_back(locked)


def go_on(run: Run, *, by: Any, now: datetime) -> None:
    """Continue a paused run; raises CannotChange."""
    with _locked(run, [_State.PAUSED], "Only a paused run can go on.") as locked:
        locked.state, locked.changed_by, locked.why = _State.GOING, by, ""
        locked.save(update_fields=["state", "changed_by", "why"])
        _let_go(locked)


def cancel(run: Run, *, by: Any, now: datetime) -> None:
    """Cancel a run. What was found stays; rows not asked count as refused, with the reason *cancelled*.

    Raises CannotChange.
    """
    open_states = [_State.MAPPING, _State.READING, _State.READY, _State.GOING, _State.PAUSED]
    with _locked(run, open_states, "This run has ended already.") as locked:
        locked.state, locked.changed_by, locked.finished_at, locked.why = _State.CANCELLED, by, None, ""
        locked.fed_line = 0  # rows that were not settled yet lie before this line, too
        locked.save(update_fields=["state", "changed_by", "finished_at", "why", "fed_line"])
        _give_up(locked, now)


def retry(run: Run, *, by: Any, now: datetime) -> int:
    """Ask again the rows that were refused or failed, in an ended run or one under way; gives how many.

    Raises CannotChange.
    """
    may_be = [_State.GOING, _State.PAUSED, _State.DONE, _State.CANCELLED]
    with _locked(run, may_be, "Only a run that was started can be tried again.") as locked:
        if Decision.objects.filter(kind=Decision.Kind.UNDO, run=locked, undone_at=None).exists():
            raise CannotChange("This import was undone. Take that back first.")
        if locked.started_at is None:
            raise CannotChange("This list was discarded before it was started. Send it again.")
        rows = _rows_again(locked) + _lookups_again(locked)
        if not rows:
            raise CannotChange("Nothing was refused and nothing failed: there is nothing to try again.")
        state = _State.PAUSED if locked.state == _State.PAUSED else _State.GOING
        Run.objects.filter(pk=locked.pk).update(state=state, finished_at=None, changed_by=by, retries=0)
        if state == _State.PAUSED:
            _hold_back(locked)
    return rows


def keep_stopped(now: datetime) -> None:
    """Bring lookups in line with the state of their runs.

    A lookup may be on its way to Graph while somebody pauses or cancels its run. If it must be tried again, it is held
    or given up here. A lookup that was held for a pause just as the pause ended is let go.
    """
    left = Lookup.objects.held(HeldFor.PAUSE).filter(run__state=_State.GOING)
    for run in Run.objects.filter(pk__in=left.values("run")):
        with suppress(CannotChange), _locked(run, [_State.GOING], "") as locked:
            _let_go(locked)
    for run in Run.objects.filter(state__in=(_State.PAUSED, _State.CANCELLED), finished_at=None):
        cancelled = run.state == _State.CANCELLED
        to_stop = (State.WAITING, State.HELD) if cancelled else (State.WAITING,)
        if not Lookup.objects.filter(run=run, state__in=to_stop).exists():
            continue
        # Somebody may have continued the run meanwhile.
        with suppress(CannotChange), _locked(run, [run.state], "") as locked:
            if cancelled:
                _give_up(locked, now)
            else:
                _hold_back(locked)


@contextmanager
def _locked(run: Run, states: Sequence[str], otherwise: str) -> Iterator[Run]:
    with transaction.atomic():
        # Lock the business first, as the recording of answers does: in another order the two could deadlock.
        turns.alone_with(run.business_id)
        locked = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("business").get(pk=run.pk)
        if locked.state not in states:
            raise CannotChange(f"{otherwise} This one is: {locked.get_state_display()}.".strip())
        yield locked
    run.refresh_from_db()


def _hold_back(run: Run) -> None:
    Lookup.objects.filter(run=run, state__in=(State.WAITING, State.HELD)).hold(HeldFor.PAUSE)


def _let_go(run: Run) -> None:
    Lookup.objects.filter(run=run).held(HeldFor.PAUSE).release()


def _give_up(run: Run, now: datetime) -> None:
    count = Lookup.objects.filter(run=run).give_up(CANCELLED, now=now)
    change(run.pk, refused=count)


def _rows_again(run: Run) -> int:
    rows = ListRow.objects.filter(run=run, state=ListRow.State.REFUSED)
    count = rows.update(state=ListRow.State.TODO, reason="")
    change(run.pk, refused=-count, todo=count)
    return count


def _lookups_again(run: Run) -> int:
    count = 0
    for ending in _AGAIN:
        how_many = Lookup.objects.filter(run=run, ending=ending).ask_again()
        change(run.pk, **{str(ending): -how_many})
        count += how_many
    return count
