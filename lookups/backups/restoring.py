"""Restore a backup into an empty database: check whether to refuse it, then restore all of it in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection

from businesses import secrets
from lookups.backups.list_contents import lists_put_back
from lookups.backups.loading import load, make_tables, one_transaction, refuse_unless_empty
from lookups.backups.manifest import Manifest
from lookups.backups.sealed_file import CannotRestore, Counter, opened_backup
from lookups.backups.standstill import Stopped, stand_still
from lookups.models.long_work import take_long


@dataclass(frozen=True)
class Restored:
    """What was restored, and what waits now.

    `same_secret_key` says that new fingerprints match the stored ones.
    """

    manifest: Manifest
    stopped: Stopped
    same_secret_key: bool


def restore(path: Path, *, now: datetime, watch: Callable[[int], Counter]) -> Restored:
    """Restore a backup; if it raises CannotRestore or OSError, the database is as empty as before.

    `watch` is called with the total number of rows, and gives a function that is called as rows come in.
    """
    with opened_backup(path) as archive:
        manifest = Manifest.read(archive)
        manifest.refuse_what_is_missing_here()
        refuse_unless_empty()
        take_long()
        loaded = watch(sum(table.rows for table in manifest.tables.values()))
        try:
            with lists_put_back(archive, manifest.lists), one_transaction():
                make_tables(manifest)
                load(archive, manifest.tables, loaded)
                # Apply the migrations that are newer than the backup; this also installs the triggers.
                call_command("migrate", verbosity=0, interactive=False)
                stopped = stand_still(manifest.taken_at, now)
        except DatabaseError as error:
            raise CannotRestore(f"The database refused: {error} Nothing was restored.") from error
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Restored(manifest, stopped, secrets.fingerprint("of a backup") == manifest.secret_key)
