"""Compute a business's persons anew from the evidence; show and mend each difference from what is stored."""

import sys
from argparse import ArgumentParser
from typing import Any, TextIO

from django.core.management.base import BaseCommand

from lookups.evidence.rebuilding import rebuild
from lookups.management.choosing import business_named
from lookups.models.long_work import take_long


class ProgressLine:
    """Shows progress: on a terminal in one changing line, elsewhere in a new line every 10 %."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._on_terminal = stream, stream.isatty()
        self._told, self._is_open = "", False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show the progress, if it has changed."""
        step = 1 if self._on_terminal else 10
        percent = (100 * done // total if total else 100) // step * step
        told = f"{what}: {percent} % of {total:,}"
        if told != self._told:
            self._stream.write(f"\r\x1b[K{told}" if self._on_terminal else f"{told}\n")
            self._stream.flush()
            self._told, self._is_open = told, self._on_terminal

    def end(self) -> None:
        """End the line, so other text starts on a new one."""
        if self._is_open:
            self._stream.write("\n")
            self._told, self._is_open = "", False


class Command(BaseCommand):
    """Rebuilds persons; safe to run at any time, also beside workers."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the business, and whether to check only."""
        parser.add_argument("--business", required=True, help="its primary key, Graph ID or exact name")
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if something differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each difference in a line, then their number."""
        take_long()
        business, check = business_named(options["business"]), options["check"]
        line, count = ProgressLine(sys.stderr), 0
        for difference in rebuild(business, mend=not check, progress=line):
            line.end()
            self.stdout.write(str(difference) if check else f"Mended: {difference}")
            count += 1
        line.end()
        ending = "" if check or not count else ", mended"
        self.stdout.write(f"{business}: {count} {'difference' if count == 1 else 'differences'}{ending}.")
        if check and count:
            sys.exit(1)
