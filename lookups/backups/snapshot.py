"""Read the whole database as of one moment, beside those who write: neither waits for the other.

The moment is that of one read transaction: REPEATABLE READ in PostgreSQL, and in SQLite a reader of the write-ahead
log, which sees nothing of what is committed after its first statement.
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

# Not in a backup: who was logged in, which processes were alive. The schema is made anew by the same migrations.
LEFT_OUT: tuple[type[Model], ...] = (Session, Heartbeat)
MIGRATIONS = "django_migrations"
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}


@contextmanager
def snapshot() -> Iterator["Snapshot"]:
    """Open a connection of our own that sees the database as it is now, until the end of the `with`."""
    own = connection.copy()
    try:
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
        """Which database it is."""
        return str(self._own.display_name)

    def tables(self) -> list[str]:
        """Names of the tables that belong into a backup."""
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
        """Rows of a query of ours."""
        self._cursor.execute(query)
        return list(self._cursor.fetchall())

    def write(self, table: str, columns: Sequence[str], to: IO[bytes]) -> int:
        """Write all rows of a table as lines; gives how many."""
        if self._own.vendor == "postgresql":
            names = ", ".join(f'"{name}"' for name in columns)
            self._cursor.copy_expert(f'COPY "{table}" ({names}) TO STDOUT', to)
            return int(self._cursor.rowcount)
        count = 0
        # The plus keeps Django's converters out: values come as they are stored.
        names = ", ".join(f'+"{name}"' for name in columns)
        for row in self._cursor.execute(f'SELECT {names} FROM "{table}"'):  # noqa: S608  (a table's own names)
            to.write(line_of(row))
            count += 1
        return count


def stored_tables(database: BaseDatabaseWrapper, cursor: Any) -> list[str]:
    """Names of a database's tables that belong into a backup; SQLite's own statistics do not."""
    left_out = {MIGRATIONS, *(model._meta.db_table for model in LEFT_OUT)}
    names = set(database.introspection.table_names(cursor)) - left_out
    return sorted(name for name in names if not name.startswith("sqlite_"))


def columns_of(database: BaseDatabaseWrapper, cursor: Any, table: str) -> list[str]:
    """Names of a table's columns, in their order."""
    return [column.name for column in database.introspection.get_table_description(cursor, table)]
