"""Reads a list in chunks. Rows, place and counters are stored together, so a killed reading goes on where it was."""

import logging
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import F

from lookups.lists.imports import limits
from lookups.lists.imports.confined import ReaderLost
from lookups.lists.imports.judging import Judge
from lookups.lists.imports.leaks import Leaks, refuse_leaks
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.places import count_attempt, lock_if_unchanged, refuse, sole_reader, store_look
from lookups.lists.imports.recognising import recognise_list
from lookups.lists.imports.rows import NewRow, add_rows, mark_duplicates
from lookups.lists.imports.sources import rows_of
from lookups.models import ListFile, ListRow, Run

logger = logging.getLogger(__name__)

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
    """Look at a new list, or read the next rows of one whose columns are named; True while there are more rows.

    Also False if the list is not to be read, or if another process reads it: that process or the next sweep goes on.
    """
    found = _to_read(run_pk)
    if found is None:
        return False
    with sole_reader(found) as is_sole:
        list_file = _to_read(run_pk) if is_sole else None  # again: another reader may have gone on meanwhile
        return list_file is not None and _read_on(list_file, now)


def _to_read(run_pk: int) -> ListFile | None:
    reading = ListFile.objects.filter(run=run_pk, run__kind=Run.Kind.LIST, run__state=Run.State.READING)
    return reading.select_related("business", "run").first()


def _read_on(list_file: ListFile, now: datetime) -> bool:
    try:
        count_attempt(list_file)
        if list_file.is_new:
            recognise_list(list_file)
            store_look(list_file)
            return False
        chunk = _next_chunk(list_file)
    except CannotRead as refusal:
        refuse(list_file, str(refusal), now)
        return False
    except ReaderLost as loss:
        logger.warning("Run %s: %s The next sweep tries again.", list_file.run_id, loss)
        return False
    return _store(list_file, chunk) and not chunk.is_last


def _next_chunk(list_file: ListFile) -> _Chunk:
    """Read a chunk without a transaction: finding the place in a sheet may take a while."""
    chunk, count, leaks = _Chunk(list_file.offset, list_file.line), 0, Leaks()
    with closing(rows_of(list_file, CHUNK)) as rows:
        for row, judged in Judge(list_file).judge(islice(rows, CHUNK)):
            count += 1
            refuse_leaks((row,), leaks)
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


def _store(before: ListFile, chunk: _Chunk) -> bool:
    """Store a chunk; False if another process has stored it or the list has changed meanwhile."""
    with transaction.atomic(durable=True):
        run = lock_if_unchanged(before)
        if run is None:
            return False
        add_rows(run, chunk.rows)
        ListFile.objects.filter(pk=before.pk).update(offset=chunk.offset, line=chunk.line, attempts=0)
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
