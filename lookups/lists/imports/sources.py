"""Gives the rows of a stored list of any kind, from the place where reading stopped."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lookups.lists.imports.cells import Row
from lookups.lists.imports.csv_rows import csv_rows, row_detector
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.lines import lines
from lookups.lists.imports.sheet_rows import first_rows, sheet_rows
from lookups.models import ListFile

GONE = "The file of this list is not here any more: send it again."


@dataclass
class _OpenSheet:
    """A sheet that stays open between chunks: to find the place again, we would have to unpack all rows before it."""

    path: Path
    offset: int
    rows: Iterator[Row]
    used_at: float = 0.0


MOST_OPEN = 2  # per process; each holds the texts of its workbook in memory
FORGOTTEN_AFTER = 60.0  # seconds; by then another process has read on, or nobody reads it any more
_kept: dict[Path, _OpenSheet] = {}


def rows_of(list_file: ListFile) -> Generator[Row]:
    """Give the rows from `list_file.offset` on, including the header at the start; close the generator after use."""
    if list_file.removed_at or not list_file.path.is_file():
        raise CannotRead(GONE)
    if list_file.kind == ListFile.Kind.XLSX:
        yield from _rows_of_sheet(list_file.path, list_file.offset)
        return
    detector = row_detector(list_file.separator, list_file.id_column)
    read = lines(list_file.path, list_file.encoding, list_file.offset)
    yield from csv_rows(read, list_file.separator, list_file.line, detector)


def first_rows_of(list_file: ListFile, count: int) -> tuple[list[Row], tuple[str, ...]]:
    """Give the first rows, wherever reading is now, and the names of a workbook's sheets."""
    if list_file.removed_at or not list_file.path.is_file():
        raise CannotRead(GONE)
    if list_file.kind == ListFile.Kind.XLSX:
        return first_rows(list_file.path, count)
    detector = row_detector(list_file.separator, None)
    read = lines(list_file.path, list_file.encoding, 0)
    return list(islice(csv_rows(read, list_file.separator, 0, detector), count)), ()


def _rows_of_sheet(path: Path, offset: int) -> Generator[Row]:
    """Give rows from the sheet left open, or from a new one if that is past the offset; leave it open if stopped."""
    kept = _kept.pop(path, None)
    if kept is None or kept.offset > offset:
        kept = _OpenSheet(path, offset, sheet_rows(path, offset))
    try:
        for row in kept.rows:
            kept.offset = row.offset
            if row.offset > offset:
                yield row
    except GeneratorExit:
        _keep(kept)
        raise


def _keep(sheet: _OpenSheet) -> None:
    """Leave a sheet open if there is room. The first ones stay: else lists that take turns would close each other's."""
    sheet.used_at = time.monotonic()
    for path, one in list(_kept.items()):
        if sheet.used_at - one.used_at > FORGOTTEN_AFTER:
            del _kept[path]
    if len(_kept) < MOST_OPEN:
        _kept[sheet.path] = sheet
