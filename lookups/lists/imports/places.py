"""Who reads a list now, and what is stored of that: readers that die or meet each other spoil nothing."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import F

from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.rows import drop_rows
from lookups.lists.imports.storing import remove_file
from lookups.models import ListFile, Run

MOST_ATTEMPTS = 10  # to read one chunk; each lost one took its reader with it
_LOOKED = ("kind", "encoding", "separator", "has_header", "columns", "first_look")


@contextmanager
def sole_reader(list_file: ListFile) -> Iterator[bool]:
    """Tell whether no other process reads this list; the lock is on its file, so it ends with a killed process."""
    try:
        file = list_file.path.open("rb")
    except FileNotFoundError:
        yield True  # what reads the file will say that it is gone
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_sole = True
        except BlockingIOError:
            is_sole = False
        yield is_sole


def count_attempt(list_file: ListFile) -> None:
    """Count a reading that begins; raises CannotRead if too many in turn were lost before anything was stored."""
    if list_file.attempts >= MOST_ATTEMPTS:
        raise CannotRead(
            f"The process that reads this list was lost {MOST_ATTEMPTS} times at the same place, so idlink gave up. "
            "Send it again as CSV; if that fails, too, tell whoever runs idlink."
        )
    ListFile.objects.filter(pk=list_file.pk).update(attempts=F("attempts") + 1)


def store_look(list_file: ListFile) -> None:
    """Store what a first look has found; the list then waits for the names of its columns."""
    with transaction.atomic(durable=True):
        run = lock_if_unchanged(list_file)
        if run is not None:
            list_file.attempts = 0
            list_file.save(update_fields=[*_LOOKED, "attempts"])
            Run.objects.filter(pk=run.pk).update(state=Run.State.MAPPING)


def lock_if_unchanged(before: ListFile) -> Run | None:
    """Lock the run; None if another process has it locked, or if the list's place or columns have changed."""
    reading = Run.objects.filter(pk=before.run_id, state=Run.State.READING)
    run = reading.select_for_update(skip_locked=True, no_key=True).first()
    if run is None:
        return None
    now_there = ListFile.objects.get(pk=before.pk)
    return run if _place(now_there) == _place(before) else None


def refuse(list_file: ListFile, why: str, now: datetime) -> None:
    """End a run whose file can't be read; its rows and its file are dropped."""
    with transaction.atomic(durable=True):
        run = lock_if_unchanged(list_file)
        if run is not None:
            drop_rows(run)
            Run.objects.filter(pk=run.pk).update(state=Run.State.REFUSED, why=why[:500], finished_at=now)
            remove_file(list_file, now)


def _place(list_file: ListFile) -> tuple[object, ...]:
    """Give the place of reading and the meaning of the columns, to see whether either has changed."""
    named = (list_file.id_column, list_file.asset_column, list_file.asset_id)
    header = None if list_file.is_new else list_file.has_header  # of a new list this is still a guess
    return (list_file.offset, list_file.line, *named, header)
