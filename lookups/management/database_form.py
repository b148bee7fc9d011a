"""Handles a database whose tables have another form than those of this version."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from lookups.backups.form import is_of_another_form
from lookups.models.long_work import take_long

ASIDE = ".other-form"


def refuse_to_migrate(*, using: str, plan: Sequence[object], **kwargs: Any) -> None:
    """Refuse to migrate a database that can't be brought up to date; raises CommandError. Migrating may take long."""
    if plan:
        refuse_another_form(using)
    take_long(connections[using])


def refuse_another_form(using: str = DEFAULT_DB_ALIAS) -> None:
    """Refuse a database that can't be brought up to date; raises CommandError."""
    if _has_another_form(using):
        raise CommandError(
            "The tables in the database have another form than those of this version, and no way leads from that form "
            "to this one. Go on with the version that made them, or name an empty database in DATABASE_URL."
        )


def put_another_form_aside(say: Callable[[str], object]) -> None:
    """Rename a trial installation's SQLite file of another form, so that a new database is made; nothing is deleted."""
    if connection.vendor != "sqlite" or not _has_another_form():
        return
    connection.close()
    path = Path(connection.settings_dict["NAME"])
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(path.with_name(f"{path.name}{ASIDE}{ending}"))
    say(f"The database was of another version: it is {path}{ASIDE} now, and a new one is made.")


def _has_another_form(using: str = DEFAULT_DB_ALIAS) -> bool:
    return is_of_another_form(MigrationRecorder(connections[using]).applied_migrations())
