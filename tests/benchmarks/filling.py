"""Fills tables by statements that make many rows each: past the triggers and, if wished, without the indexes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from lookups.models.long_work import taking_long

Cursor = Any  # Django's wrapper around psycopg2's
# Autovacuum would look at tables that are still being filled; a checkpoint in the middle writes pages twice.
_SERVER = {"autovacuum": "off", "max_wal_size": "16GB", "checkpoint_timeout": "1h"}
# Series in a statement seem long to the planner: it would sort rows, or go through a small table for each of them.
_PLANS = {"enable_mergejoin": "off", "enable_nestloop": "off", "jit": "off"}
_SESSION = {"work_mem": "256MB", "maintenance_work_mem": "1GB", **_PLANS}


@contextmanager
def past_triggers(tables: Sequence[str]) -> Iterator[Cursor]:
    """Give a cursor whose statements fire no triggers; afterwards new rows of these tables get the next keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in tables:
            number = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({number}, (SELECT coalesce(max(id), 0) + 1 FROM {table}))")
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def in_bulk(tables: Sequence[str]) -> Iterator[Cursor]:
    """Like `past_triggers`, but the indexes of these tables are made at the end, and all may take long."""
    with taking_long(), _set_for_bulk(), past_triggers(tables) as cursor:
        indexes = _indexes(cursor, tables)
        for drop, _ in indexes:
            cursor.execute(drop)
        yield cursor
        for _, make in indexes:
            cursor.execute(make)


@contextmanager
def _set_for_bulk() -> Iterator[None]:
    with connection.cursor() as cursor:
        for name, value in _SERVER.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        for name, value in _SESSION.items():
            cursor.execute(f"SET {name} = '{value}'")
        cursor.execute("SELECT pg_reload_conf()")
        yield
        for name in _SERVER:
            cursor.execute(f"ALTER SYSTEM RESET {name}")
        cursor.execute("; ".join(f"RESET {name}" for name in _SESSION))
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")


def _indexes(cursor: Cursor, tables: Sequence[str]) -> list[tuple[str, str]]:
    """Give for each index of these tables the statement that drops it, and the one that makes it anew."""
    cursor.execute(_CONSTRAINTS, [list(tables)])
    found = cursor.fetchall()
    cursor.execute(_PLAIN_INDEXES, [list(tables)])
    return [*found, *cursor.fetchall()]


_CONSTRAINTS = """SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = ANY (%s::regclass[])"""
_PLAIN_INDEXES = """SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY (%s::regclass[])
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))"""
