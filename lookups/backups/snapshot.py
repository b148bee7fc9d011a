"""Read the whole database as of one moment. Readers and writers do not wait for each other.

One read transaction fixes the moment: REPEATABLE READ in PostgreSQL; in SQLite a reader of the write-ahead log,
which does not see what is committed after its first statement.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from lookups.backups.lines import line_of
from lookups.models import Heartbeat
from lookups.models.long_work import take_long

# Not in a backup: sessions of users, and signs of life. The same migrations make the schema anew.
LEFT_OUT: tuple[type[Model], ...] = (Session, Heartbeat)
MIGRATIONS = "django_migrations"
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}


@contextmanager
def snapshot() -> Iterator["Snapshot"]:
    """Open a separate connection that sees the database as it is now, until the end of the `with`."""
    own = connection.copy()
    try:
        take_long(own)
        with own.cursor() as cursor:
            cursor.execute(_BEGIN[own.vendor])
            cursor.execute(f"SELECT count(*) FROM {MIGRATIONS}")  # noqa: S608  (a constant; the moment begins here)
            yield Snapshot(own, cursor)
            cursor.execute("ROLLBACK")
    finally:
        own.close()


class Snapshot:
    """Tables, columns and rows of the database as of one moment."""

    def __init__(self, own: BaseDatabaseWrapper, cursor: Any) -> None:
        self._own, self._cursor = own, cursor

    @property
    def kind(self) -> str:
        """The kind of database."""
        return str(self._own.display_name)

    def tables(self) -> list[str]:
        """Give the names of the tables that belong in a backup."""
        return stored_tables(self._own, self._cursor)

    def columns(self, table: str) -> list[str]:
        """Names of a table's columns, in their order."""
        return columns_of(self._own, self._cursor, table)

    def migrations(self) -> list[tuple[str, str]]:
        """The migrations that were applied, by app and name."""
        return sorted(MigrationRecorder(self._own).applied_migrations())

    def count(self, table: str) -> int:
        """Number of a table's rows."""
        ((count,),) = self.rows(f'SELECT count(*) FROM "{table}"')  # noqa: S608  (a table's own name)
        return int(count)

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Give the rows of a query."""
        self._cursor.execute(query)
        return list(self._cursor.fetchall())

    def write(self, table: str, columns: Sequence[str], to: IO[bytes]) -> int:
        """Write all rows of a table as lines; gives how many."""
        if self._own.vendor == "postgresql":
            names = ", ".join(f'"{name}"' for name in columns)
            self._cursor.copy_expert(f'COPY "{table}" ({names}) TO STDOUT', to)
            return int(self._cursor.rowcount)
        count = 0
        # The plus bypasses Django's converters, so values come as they are stored.
        names = ", ".join(f'+"{name}"' for name in columns)
        for row in self._cursor.execute(f'SELECT {names} FROM "{table}"'):  # noqa: S608  (a table's own names)
            to.write(line_of(row))
            count += 1
        return count


def stored_tables(database: BaseDatabaseWrapper, cursor: Any) -> list[str]:
    """Give the names of the tables that belong in a backup; SQLite's own statistics do not."""
    left_out = {MIGRATIONS, *(model._meta.db_table for model in LEFT_OUT)}
    names = set(database.introspection.table_names(cursor)) - left_out
    return sorted(name for name in names if not name.startswith("sqlite_"))


def columns_of(database: BaseDatabaseWrapper, cursor: Any, table: str) -> list[str]:
    """Names of a table's columns, in their order."""
    return [column.name for column in database.introspection.get_table_description(cursor, table)]
