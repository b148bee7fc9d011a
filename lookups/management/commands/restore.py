"""Restore a backup into an empty database. idlink then asks Graph nothing about people until somebody says so."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lookups import backups
from lookups.management.row_bar import row_bar
from lookups.models.full_disk import FULL_DISK, is_full_disk


class Command(BaseCommand):
    """Restores all or nothing; exits with 0 only if the restored database is sound."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path of the backup."""
        parser.add_argument("file", type=Path, help="the backup")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore the backup, say what waits now, and count broken invariants."""
        try:
            with row_bar("Restoring") as watch:
                restored = backups.restore(options["file"], now=timezone.now(), watch=watch)
        except (backups.CannotRestore, OSError) as refused:
            why = f"Nothing was restored: {FULL_DISK}" if is_full_disk(refused) else str(refused)
            raise CommandError(why) from refused
        for line in _told(restored):
            self.stdout.write(line)
        call_command("check_invariants", stdout=self.stdout)


def _told(restored: backups.Restored) -> list[str]:
    manifest, stopped = restored.manifest, restored.stopped
    rows = sum(table.rows for table in manifest.tables.values())
    lines = [
        f"Restored {rows:,} rows and {len(manifest.lists):,} files of lists, as of {manifest.taken_at:%d %b %Y, %H:%M} "
        f"UTC (idlink {manifest.idlink}, {manifest.database}).",
        f"{stopped.runs:,} lists and refreshes are paused: let each go on, or cancel it, under Lists and runs.",
        f"{stopped.lookups:,} single lookups that had no answer yet ended as not asked.",
        f"{stopped.tokens:,} access tokens are used again once a check has found that they work.",
        "Everybody has to log in again. Users, roles and passwords are those of the backup.",
    ]
    if not restored.same_secret_key:
        lines.append("SECRET_KEY is another than then: fingerprints of tokens saved from now on match no older ones.")
    return lines
