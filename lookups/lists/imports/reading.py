"""Reads a list in chunks. Rows, place and counters are stored together, so a killed reading goes on where it was."""

from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F

from lookups.lists.imports import limits
from lookups.lists.imports.judging import Judge
from lookups.lists.imports.leaks import refuse_tokens
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.rows import NewRow, add_rows, drop_rows, mark_duplicates
from lookups.lists.imports.sources import rows_of
from lookups.lists.imports.storing import remove_file
from lookups.models import ListFile, ListRow, Run

CHUNK = 5000
NO_ROWS = "The list has no row below the names of its columns: send one with at least one ID."


@dataclass
class _Chunk:
    """The rows of one chunk, and the place where reading goes on."""

    offset: int
    line: int
    rows: list[NewRow] = field(default_factory=list)
    is_last: bool = False


def read_some(run_pk: int, now: datetime) -> bool:
    """Read the next rows of a list; True while there are more.

    Also False if the list is not to be read, or if another process reads it: that process or the next sweep goes on.
    """
    list_file = _to_read(run_pk)
    if list_file is None:
        return False
    try:
        chunk = _next_chunk(list_file)
    except CannotRead as refusal:
        _refuse(list_file, str(refusal), now)
        return False
    except OSError as error:
        _refuse(list_file, f"The file of this list can't be read any more ({error.strerror}): send it again.", now)
        return False
    return _store(list_file, chunk, now) and not chunk.is_last


def _to_read(run_pk: int) -> ListFile | None:
    reading = ListFile.objects.filter(run=run_pk, run__kind=Run.Kind.LIST, run__state=Run.State.READING)
    return reading.select_related("business", "run").first()


def _next_chunk(list_file: ListFile) -> _Chunk:
    """Read a chunk without a transaction: finding the place in a sheet may take a while."""
    chunk, count = _Chunk(list_file.offset, list_file.line), 0
    with closing(rows_of(list_file)) as rows:
        for row, judged in Judge(list_file).judge(islice(rows, CHUNK)):
            count += 1
            refuse_tokens((row,))
            chunk.offset, chunk.line = row.offset, row.last_line
            if judged is not None:
                chunk.rows.append(judged)
    chunk.is_last = count < CHUNK
    in_all = list_file.run.rows + len(chunk.rows)
    if in_all > limits.most_rows(list_file.kind):
        raise limits.too_many_rows(list_file.kind)
    if chunk.is_last and not in_all:
        raise CannotRead(NO_ROWS)
    return chunk


def _store(before: ListFile, chunk: _Chunk, now: datetime) -> bool:
    """Store a chunk; False if another process has stored it or the list has changed meanwhile."""
    with transaction.atomic(durable=True):
        run = _locked(before)
        if run is None:
            return False
        add_rows(run, chunk.rows)
        ListFile.objects.filter(pk=before.pk).update(offset=chunk.offset, line=chunk.line)
        rejected = sum(1 for row in chunk.rows if row.state == ListRow.State.REJECTED)
        duplicate = mark_duplicates(run) if chunk.is_last else 0
        Run.objects.filter(pk=run.pk).update(
            rows=F("rows") + len(chunk.rows),
            rejected=F("rejected") + rejected,
            duplicate=F("duplicate") + duplicate,
            todo=F("todo") + len(chunk.rows) - rejected - duplicate,
            state=Run.State.READY if chunk.is_last else Run.State.READING,
        )
    return True


def _locked(before: ListFile) -> Run | None:
    """Lock the run; None if another process has it locked, or if the list's place or columns have changed."""
    reading = Run.objects.filter(pk=before.run_id, state=Run.State.READING)
    run = reading.select_for_update(skip_locked=True, no_key=True).first()
    if run is None:
        return None
    now_there = ListFile.objects.get(pk=before.pk)
    return run if _place(now_there) == _place(before) else None


def _place(list_file: ListFile) -> tuple[object, ...]:
    """Give the place of reading and the meaning of the columns, to see whether either has changed."""
    columns = (list_file.id_column, list_file.asset_column, list_file.asset_id, list_file.has_header)
    return (list_file.offset, list_file.line, *columns)


def _refuse(list_file: ListFile, why: str, now: datetime) -> None:
    """End a run whose file can't be read; its rows and its file are dropped."""
    with transaction.atomic(durable=True):
        run = _locked(list_file)
        if run is not None:
            drop_rows(run)
            Run.objects.filter(pk=run.pk).update(state=Run.State.REFUSED, why=why[:500], finished_at=now)
            remove_file(list_file, now)
