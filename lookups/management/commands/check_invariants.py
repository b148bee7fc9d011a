"""Count the rows that must never be in the database; each line should end in 0."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from lookups.management.invariants import invariants
from lookups.models.long_work import take_long


class Command(BaseCommand):
    """Only reads. Exits with 1 if any row breaks an invariant."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each invariant with the number of rows that break it."""
        take_long()
        broken = False
        for name, rows in invariants().items():
            count = rows.count()
            broken = broken or count > 0
            self.stdout.write(f"{name}: {count}")
        if broken:
            sys.exit(1)
