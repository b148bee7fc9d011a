"""Make the tables of a backup in an empty database and fill them, all in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any
from zipfile import ZipFile

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from lookups.backups.lines import rows_in, sqlite_converter
from lookups.backups.manifest import Manifest, Table
from lookups.backups.sealed_file import CannotRestore, Counter, old_part
from lookups.backups.snapshot import columns_of, stored_tables

_FOREIGN_KEYS = (
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)


def refuse_unless_empty() -> None:
    """Refuse a database that has a table already; raises CannotRestore."""
    tables = connection.introspection.table_names()
    if tables:
        raise CannotRestore(
            f"The database is not empty: it has {len(tables)} tables already. A backup is restored into an empty one: "
            "make a new database and name it in DATABASE_URL, or move the SQLite file away. Nothing was restored."
        )


@contextmanager
def one_transaction() -> Iterator[None]:
    """Put all changes of the database into one transaction, the making of tables included."""
    # SQLite alters no table while it checks references, and can stop checking only outside a transaction.
    watched = connection.vendor == "sqlite" and connection.disable_constraint_checking()
    try:
        with transaction.atomic(durable=True):
            if connection.vendor == "postgresql":  # PostgreSQL alters no table with deferred checks pending
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
    finally:
        if watched:
            connection.enable_constraint_checking()


def make_tables(manifest: Manifest) -> None:
    """Make the tables as they were when the backup was taken; raises CannotRestore if the tables made differ."""
    MigrationExecutor(connection).migrate(manifest.leaves())
    with connection.cursor() as cursor:
        made = {table: set(columns_of(connection, cursor, table)) for table in stored_tables(connection, cursor)}
    if made != {name: set(table.columns) for name, table in manifest.tables.items()}:
        raise CannotRestore(
            "The tables of this backup are not those that its migrations make: another program's tables stood beside "
            "them. Nothing was restored."
        )


def load(archive: ZipFile, tables: Mapping[str, Table], loaded: Counter) -> None:
    """Fill the tables, then check every reference; `loaded` is called with the number of rows as they come."""
    with connection.cursor() as cursor, _references_checked_at_the_end(cursor):
        for name in tables:  # migrations have put rows into some tables
            cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608  (a table's own name)
        for name, table in tables.items():
            with old_part(archive, Table.part(name), table.sha256, loaded) as lines:
                rows = _fill(cursor, name, table.columns, lines)
            if rows != table.rows:
                raise CannotRestore(f"The backup is damaged: rows of {name} are missing. Nothing was restored.")
        _set_sequences(cursor, tables)


def _fill(cursor: Any, name: str, columns: Sequence[str], lines: IO[bytes]) -> int:
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.vendor == "postgresql":
        cursor.copy_expert(f'COPY "{name}" ({names}) FROM STDIN', lines)
        return int(cursor.rowcount)
    cursor.execute("SELECT name, type FROM pragma_table_info(%s)", [name])
    types = dict(cursor.fetchall())
    rows = rows_in(lines, [sqlite_converter(types[column]) for column in columns])
    places = ", ".join("?" * len(columns))
    # Not through Django's cursor, which would keep every row in memory.
    done = connection.connection.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({places})', rows)  # noqa: S608
    return max(0, int(done.rowcount))


@contextmanager
def _references_checked_at_the_end(cursor: Any) -> Iterator[None]:
    """Check references table by table after all rows are there: checks for each row would all wait in memory."""
    if connection.vendor != "postgresql":
        yield
        connection.check_constraints()
        return
    cursor.execute(_FOREIGN_KEYS)
    keys = cursor.fetchall()
    for table, name, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in keys:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _set_sequences(cursor: Any, tables: Mapping[str, Table]) -> None:
    """Set PostgreSQL's sequences, so that new rows get unused keys; SQLite does this itself."""
    for name in tables:
        for sequence in connection.introspection.get_sequences(cursor, name):
            column = sequence["column"]
            if connection.vendor == "postgresql":
                cursor.execute(
                    f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max("{column}"), 1), '  # noqa: S608
                    f'max("{column}") IS NOT NULL) FROM "{name}"',
                    [f'"{name}"', column],
                )
