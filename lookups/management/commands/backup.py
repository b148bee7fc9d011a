"""Write the database and the uploaded lists into one file, as of one moment, while idlink goes on working."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from lookups import backups
from lookups.management.row_bar import row_bar
from lookups.models.full_disk import FULL_DISK, is_full_disk

_TOLD = {"businesses_business": "businesses", "lookups_scopedid": "scoped IDs", "lookups_person": "persons"}


class Command(BaseCommand):
    """Writes a backup. Only its owner can read the file; it gets its name when it is complete."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path of the file."""
        parser.add_argument("file", type=Path, help="the file to write")
        parser.add_argument("--force", action="store_true", help="replace the file if it is there already")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the backup, then say what it holds."""
        path: Path = options["file"]
        try:
            with row_bar("Writing") as watch:
                taken = backups.take(path, replace=options["force"], now=timezone.now(), watch=watch)
        except (backups.CannotBackUp, OSError, DatabaseError) as refused:
            why = FULL_DISK if is_full_disk(refused) else str(refused)
            raise CommandError(f"No backup was made: {why}") from refused
        self._say(path, taken)

    def _say(self, path: Path, taken: backups.Taken) -> None:
        tables, lists = taken.manifest.tables, taken.manifest.lists
        counts = [f"{tables[name].rows:,} {what}" for name, what in _TOLD.items() if name in tables]
        rows = sum(table.rows for table in tables.values())
        self.stdout.write(f"{path}: {filesizeformat(taken.size)}, {', '.join(counts)}; {rows:,} rows in all.")
        self.stdout.write(f"{len(lists):,} files of lists.")
        if taken.lists_missing:
            self.stdout.write(f"{taken.lists_missing:,} files of lists are gone or damaged and not in it.")
        self.stdout.write(
            "It holds personal data: keep it encrypted. The encryption keys and .env are not in it; without the key "
            f"{' and '.join(taken.manifest.keys)} nobody can restore it: keep that somewhere else."
        )
