"""Import a list of IDs: read it, show what it would do, and with --start start it."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from businesses.models import Asset, AssetKind, Business
from lookups.asking.tallies import Sum, sum_of
from lookups.lists import imports, running
from lookups.lists.imports.asset_names import AssetNames
from lookups.management.choosing import business_named
from lookups.management.list_words import equation, preview_lines
from lookups.models import ENDED, Lane, Run
from lookups.tasks import wake

BLOCK = 1024 * 1024
LOOK_AGAIN = 0.5  # seconds


class Command(BaseCommand):
    """Does what the pages of lists do. Asks Graph nothing without --start; exits with 0 only if all is done."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the app or Page of its IDs, and how far to go."""
        parser.add_argument("file", help="CSV, XLSX, or one ID a line; - reads standard input")
        parser.add_argument("--business", required=True, help="its primary key, Graph ID or exact name")
        whose = parser.add_mutually_exclusive_group()
        for kind in AssetKind:
            whose.add_argument(f"--{kind}", help=f"all are {kind.scoped_id}s of this {kind.label}: its ID or name")
        whose.add_argument(
            "--asset-column", help="the column that says of which app or Page: its name or number from 1"
        )
        parser.add_argument("--id-column", help="the column of the IDs: its name or number from 1")
        parser.add_argument("--no-header", action="store_true", help="the first row holds an ID, too, not names")
        parser.add_argument("--start", action="store_true", help="ask Graph about them")
        parser.add_argument("--yes", action="store_true", help="start without asking you again")
        parser.add_argument("--wait", action="store_true", help="show progress until the end; needs --start")

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive the list, read it, show what it would do, start it, wait."""
        if options["wait"] and not options["start"]:
            raise CommandError("--wait needs --start: nothing is asked without it.")
        business = business_named(options["business"])
        asset = _asset(business, options)
        try:
            run = _received(business, options["file"])
            self._read(run, asset, options)
        except (imports.CannotRead, imports.ReaderLost) as refused:
            raise CommandError(str(refused)) from refused
        for line in preview_lines(run, timezone.now()):
            self.stdout.write(line)
        if not options["start"]:
            self.stdout.write(f"Nothing was asked yet. Start it on its page: {run.address}")
        elif self._confirmed(run, yes=options["yes"]):
            self._start(run, wait=options["wait"])

    def _read(self, run: Run, asset: Asset | None, options: dict[str, Any]) -> None:
        """Name the columns by the options, else by the guesses, and read the list; discard it if it can't be read."""
        try:
            seen = imports.look(run.list_file, has_header=False if options["no_header"] else None)
            id_column = _column(options["id_column"], seen.columns, seen.id_column)
            asset_column = _column(options["asset_column"], seen.columns, None if asset else seen.asset_column)
            asset = asset or (seen.asset if asset_column is None else None)
            if asset is None and asset_column is None:
                raise CommandError("Say whose IDs these are: --app, --page or --asset-column.")
            imports.name_columns(
                run,
                id_column=id_column or 0,
                asset_column=asset_column,
                asset=asset,
                has_header=seen.has_header,
                now=timezone.now(),
            )
        except (imports.CannotRead, CommandError):
            imports.discard(run, None, timezone.now())
            raise
        self._say_what_is_read(seen, id_column or 0, asset_column, asset)
        _read_all(run)

    def _say_what_is_read(
        self, seen: imports.Look, id_column: int, asset_column: int | None, asset: Asset | None
    ) -> None:
        whose = f"of “{asset}”" if asset_column is None else f"of what column “{seen.columns[asset_column]}” names"
        header = ["The first row names the columns."] if seen.has_header else []
        self.stdout.write(" ".join([f"IDs in column “{seen.columns[id_column]}”, {whose}.", *header, *seen.notes]))

    def _confirmed(self, run: Run, *, yes: bool) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            raise CommandError(f"Say --yes to start it without a question, or start it on its page: {run.address}")
        if input("Ask Graph about them now? [y/N] ").strip().lower() in ("y", "yes"):
            return True
        raise CommandError(f"Not started. It waits on its page: {run.address}")

    def _start(self, run: Run, *, wait: bool) -> None:
        try:
            running.start(run, by=None, now=timezone.now())
        except running.CannotChange as refused:
            raise CommandError(str(refused)) from refused
        wake(Lane.BULK)
        if not wait:
            self.stdout.write(f"Started. Its progress: {run.address}")
            return
        at_last = _watched(run)
        self.stdout.write(equation(at_last))
        if run.state != Run.State.DONE:
            raise CommandError(f"The run is not done but {run.get_state_display()}. {run.why}".strip())


def _received(business: Business, name: str) -> Run:
    now = timezone.now()
    if name == "-":
        chunks = _blocks(sys.stdin.buffer)
        return imports.receive(business=business, chunks=chunks, name="standard input", by=None, now=now)
    try:
        with Path(name).open("rb") as file:
            return imports.receive(business=business, chunks=_blocks(file), name=name, by=None, now=now)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _asset(business: Business, options: dict[str, Any]) -> Asset | None:
    word = next((f"{kind}:{options[kind]}" for kind in AssetKind if options[kind]), None)
    if word is None:
        return None
    found = AssetNames(business).find(word)
    if isinstance(found, imports.Rejected):
        raise CommandError(imports.sentence(found.code, word))
    return found


def _column(text: str | None, columns: list[str], guessed: int | None) -> int | None:
    """Find a column by its name, else by its number; without a text give the guess."""
    if text is None:
        return guessed
    names = [name.casefold() for name in columns]
    if names.count(text.casefold()) == 1:
        return names.index(text.casefold())
    if text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= len(columns):
        return int(text) - 1
    raise CommandError(f"There is no column “{text}”, or several. There are: {', '.join(columns)}.")


def _read_all(run: Run) -> None:
    """Read the list to its end, or wait for a worker that is reading it."""
    while run.state == Run.State.READING:
        if not imports.read_some(run.pk, timezone.now()):
            run.refresh_from_db()
            if run.state == Run.State.READING:
                time.sleep(LOOK_AGAIN)
    if run.state == Run.State.REFUSED:
        raise CommandError(run.why)


def _watched(run: Run) -> Sum:
    """Show the workers' progress until the run has ended."""
    with tqdm(total=run.rows, unit=" rows", file=sys.stderr, dynamic_ncols=True) as bar:
        while True:
            run.refresh_from_db()
            now_is = sum_of(run)
            bar.n = now_is.rows - now_is.waiting - now_is.held
            bar.set_postfix_str(f"{now_is.held:,} held" if now_is.held else run.get_state_display())
            if run.state in ENDED and run.finished_at:
                return now_is
            time.sleep(LOOK_AGAIN)
