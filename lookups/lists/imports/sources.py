"""Gives the rows of a stored list of any kind, from the place where reading stopped, read by a confined child."""

import time
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lookups.lists.imports.cells import Row
from lookups.lists.imports.confined import confined
from lookups.lists.imports.csv_rows import csv_rows, row_detector
from lookups.lists.imports.first_look import GONE
from lookups.lists.imports.limits import CannotRead, reading_seconds
from lookups.lists.imports.lines import lines
from lookups.lists.imports.packing import packed, unpacked
from lookups.lists.imports.sheet_rows import sheet_rows
from lookups.models import ListFile


@dataclass
class _OpenSheet:
    """A sheet whose child waits between chunks: to find the place again, we would have to unpack all rows before it."""

    path: Path
    offset: int
    rows: Generator[Row]
    used_at: float = 0.0


MOST_OPEN = 2  # per process; each has a child that holds the texts of its workbook
FORGOTTEN_AFTER = 60.0  # seconds; by then another process has read on, or nobody reads it any more
_kept: dict[Path, _OpenSheet] = {}


def rows_of(list_file: ListFile, most: int) -> Generator[Row]:
    """Give so many rows from `list_file.offset` on, or more, including the header at the start; close it after use.

    Raises CannotRead and ReaderLost.
    """
    if list_file.removed_at or not list_file.path.is_file():
        raise CannotRead(GONE)
    if list_file.kind == ListFile.Kind.XLSX:
        yield from _rows_of_sheet(list_file)
    else:
        yield from _in_child(list_file, most)


def rows_in_place(list_file: ListFile) -> Iterable[Row]:
    """Give the rows without a child, of a list that children have read to its end: for downloads."""
    if list_file.kind == ListFile.Kind.XLSX:
        return sheet_rows(list_file.path, list_file.offset)
    detector = row_detector(list_file.separator, list_file.id_column)
    read = lines(list_file.path, list_file.encoding, list_file.offset)
    return csv_rows(read, list_file.separator, list_file.line, detector)


def end_children() -> None:
    """End the children that wait: nobody reads their lists any more."""
    while _kept:
        _kept.popitem()[1].rows.close()


def _in_child(list_file: ListFile, most: int | None) -> Generator[Row]:
    read = confined(lambda: map(packed, islice(rows_in_place(list_file), most)), seconds=reading_seconds())
    with closing(read) as found:
        for told in found:
            yield unpacked(told)


def _rows_of_sheet(list_file: ListFile) -> Generator[Row]:
    """Give rows from the sheet left open, or from a new one if that is past the offset; leave it open if stopped."""
    path, offset = list_file.path, list_file.offset
    kept = _kept.pop(path, None)
    if kept and kept.offset > offset:
        kept.rows.close()
        kept = None
    kept = kept or _OpenSheet(path, offset, _in_child(list_file, None))
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
            _kept.pop(path).rows.close()
    if len(_kept) < MOST_OPEN:
        _kept[sheet.path] = sheet
    else:
        sheet.rows.close()
