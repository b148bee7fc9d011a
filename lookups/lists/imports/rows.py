"""Adds, compares and drops the stored rows of a list by the thousand; partly without the ORM, for speed."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from lookups.models import ListRow, Run, bulk

# Of several rows with the same ID the first counts. One statement serves SQLite and PostgreSQL.
_MARK_DUPLICATES = """
    UPDATE {table} SET state = 'duplicate' WHERE id IN (
        SELECT id FROM (
            SELECT id, ROW_NUMBER() OVER (PARTITION BY asset_id, value ORDER BY line) AS place
            FROM {table} WHERE run_id = %s AND state = 'todo'
        ) AS numbered WHERE place > 1
    )
"""


class NewRow(NamedTuple):
    """A row to be stored; its fields are those of ListRow, and `asset` is a key."""

    line: int
    asset: int | None
    value: str
    state: str
    reason: str


def add_rows(run: Run, rows: Sequence[NewRow]) -> None:
    """Store rows of a list."""
    bulk.insert_values(ListRow, NewRow._fields, rows, business=run.business_id, run=run.pk)


def mark_duplicates(run: Run) -> int:
    """Mark rows whose ID an earlier line has for the same app or Page; gives how many. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_DUPLICATES.format(table=ListRow._meta.db_table), [run.pk])
        return cursor.rowcount


def drop_rows(run: Run) -> None:
    """Drop all rows of a list, without the ORM, which would load them. The caller must not save the run's counters."""
    rows = ListRow.objects.filter(run=run)
    rows._raw_delete(rows.db)
    Run.objects.filter(pk=run.pk).update(rows=0, todo=0, rejected=0, duplicate=0)
