"""The stored rows of a list by the thousand: added, found to be duplicates, dropped; past the ORM, for speed."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from lookups.models import ListRow, Run, bulk

# The first line with a value counts. One statement, alike on SQLite and PostgreSQL.
_MARK_DUPLICATES = """
    UPDATE {table} SET state = 'duplicate' WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (PARTITION BY asset_id, value ORDER BY line) AS place
            FROM {table} WHERE run_id = %s AND state = 'todo'
        ) AS numbered WHERE place > 1
    )
"""


class NewRow(NamedTuple):
    """What is to be stored of a row, by the names of its fields; `asset` is a key."""

    line: int
    asset: int | None
    value: str
    state: str
    reason: str


def add_rows(run: Run, rows: Sequence[NewRow]) -> None:
    """Store rows of a list."""
    bulk.insert_values(ListRow, NewRow._fields, rows, business=run.business_id, run=run.pk)


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
