"""Put the guard's triggers into the database, and take them away."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import connections, transaction

from businesses.isolation import on_postgres, on_sqlite
from businesses.isolation.guarded import NAME, SCHEMA, Guarded, Statements, guarded_tables

PREFIX = "one_business_"
LONGEST_NAME = 63  # in PostgreSQL


@dataclass(frozen=True)
class Dialect:
    """The SQL of one kind of database."""

    schema: str  # query: the schema in which tables and functions are made
    present: str  # query: all triggers or functions that idlink has made, as DROP names them
    active: str  # query: the names of the active triggers
    drop: str
    triggers: Callable[[Sequence[Guarded]], list[tuple[str, Statements]]]
    replaced: str = ""  # query: the statements that drop the constraints whose work the triggers do


_SQLITE = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB '{PREFIX}*'"  # noqa: S608  (a constant)
_HAS_OURS = f"(SELECT FROM pg_trigger WHERE tgrelid = %s AND starts_with(tgname, '{PREFIX}'))"
_FOREIGN_KEYS = (
    "FROM pg_constraint f WHERE f.contype = 'f' "
    f"AND EXISTS {_HAS_OURS % 'f.conrelid'} AND EXISTS {_HAS_OURS % 'f.confrelid'} AND pg_table_is_visible(f.conrelid)"
)
_DIALECTS = {
    "sqlite": Dialect("SELECT 'main'", _SQLITE, _SQLITE, 'DROP TRIGGER "{}"', on_sqlite.sqlite_triggers),
    "postgresql": Dialect(
        "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('businesses_business')",
        f"SELECT oid::regprocedure::text FROM pg_proc WHERE starts_with(proname, '{PREFIX}') "  # noqa: S608  (a constant)
        "AND pg_function_is_visible(oid)",
        f"SELECT tgname FROM pg_trigger WHERE starts_with(tgname, '{PREFIX}') "  # noqa: S608  (a constant)
        "AND tgenabled = 'O' AND pg_table_is_visible(tgrelid) "
        f"UNION ALL SELECT 'a foreign key is left: ' || f.conname {_FOREIGN_KEYS}",
        "DROP FUNCTION {} CASCADE",
        on_postgres.postgres_triggers,
        f"SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', f.conrelid::regclass, f.conname) {_FOREIGN_KEYS}",
    ),
}


def install(using: str, apps: Apps = installed_apps) -> None:
    """Install the triggers. If all are active, no table is touched, so a start beside running workers locks nothing."""
    dialect = _DIALECTS[connections[using].vendor]
    wanted = _wanted(dialect, apps)
    if _names(using, dialect.active) == set(wanted):
        return
    (schema,) = _names(using, dialect.schema)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        remove(using)
        for statements in wanted.values():
            for statement in statements:
                cursor.execute(statement.replace(SCHEMA, schema))
        for statement in sorted(_names(using, dialect.replaced)) if dialect.replaced else ():
            cursor.execute(statement)


def remove(using: str) -> None:
    """Remove all triggers, those of earlier versions, too."""
    dialect = _DIALECTS[connections[using].vendor]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for name in _names(using, dialect.present):
            cursor.execute(dialect.drop.format(name))


def before_migrating(*, using: str, plan: Sequence[object], **kwargs: Any) -> None:
    """Remove the triggers before migrations: tables that triggers name can't be altered.

    SQLite makes the table anew without them, and PostgreSQL refuses.
    """
    if plan:
        remove(using)


def after_migrating(*, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Install the triggers after migrations; `apps` are the models of the tables that exist now."""
    install(using, apps)


def _wanted(dialect: Dialect, apps: Apps) -> dict[str, Statements]:
    """Give all triggers by name. The name holds a digest of the statements: the same name means the same trigger."""
    wanted = {}
    for table, statements in dialect.triggers(guarded_tables(apps)):
        digest = hashlib.sha256("".join(statements).encode()).hexdigest()[:8]
        name = f"{PREFIX}{digest}_{table}"[:LONGEST_NAME]
        wanted[name] = tuple(statement.replace(NAME, name) for statement in statements)
    return wanted


def _names(using: str, query: str) -> set[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}
