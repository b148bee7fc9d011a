"""The stored rows of a list by the thousand: added, found to be duplicates, dropped; past the ORM, for speed."""

from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

from django.db import connection

from lookups.models import ListRow, Run

# The first line with a value counts. One statement, alike on SQLite and PostgreSQL.
_MARK_DUPLICATES = """
    UPDATE {table} SET state = 'duplicate' WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (PARTITION BY app_id, page_id, value ORDER BY line) AS place
            FROM {table} WHERE run_id = %s AND state = 'todo'
        ) AS numbered WHERE place > 1
    )
"""


_INTO = "INSERT INTO {table} (business_id, run_id, line, app_id, page_id, value, state, reason) "
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s)"
# PostgreSQL plans a statement with a few arrays in a fifth of the time that thousands of values take.
_FROM_ARRAYS = "SELECT %s, %s, * FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
BATCH = 1000  # rows a statement; SQLite takes at most 32,766 values


class NewRow(NamedTuple):
    """What is to be stored of a row, in the order of the columns."""

    line: int
    app: int | None
    page: int | None
    value: str
    state: str
    reason: str


def add_rows(run: Run, rows: Sequence[NewRow]) -> None:
    """Store rows: half the time of `bulk_create`, which is what reading a list would mostly consist of."""
    into, left = _INTO.format(table=ListRow._meta.db_table), iter(rows)
    owner = (run.business_id, run.pk)
    with connection.cursor() as cursor:
        while batch := list(islice(left, BATCH)):
            if connection.vendor == "postgresql":
                cursor.execute(into + _FROM_ARRAYS, [*owner, *(list(column) for column in zip(*batch, strict=True))])
            else:
                values = ", ".join([_ROW] * len(batch))
                cursor.execute(f"{into}VALUES {values}", list(chain.from_iterable(owner + row for row in batch)))


def mark_duplicates(run: Run) -> int:
    """Mark rows whose ID stands in an earlier line for the same app or Page; gives how many. Within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_DUPLICATES.format(table=ListRow._meta.db_table), [run.pk])
        return cursor.rowcount


def drop_rows(run: Run) -> None:
    """Drop all rows, not through the ORM, which would load them; the caller saves nothing of the counters."""
    rows = ListRow.objects.filter(run=run)
    rows._raw_delete(rows.db)
    Run.objects.filter(pk=run.pk).update(rows=0, todo=0, rejected=0, duplicate=0)
