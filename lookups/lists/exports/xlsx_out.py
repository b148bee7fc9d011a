"""Writes rows as an Excel workbook of text cells, into a nameless temporary file that vanishes when it is closed."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

from lookups.lists.exports.cells import safe, storable
from lookups.models.full_disk import FULL_DISK, is_full_disk

MOST_ROWS = 1_048_576  # of one sheet, with the header
LONGEST = 32_767  # characters in one cell
TOO_LONG = "too long for a cell of Excel: download it as CSV"
TEXT = "@"


class CannotExport(Exception):
    """No file was made; the text says why, and what to do."""


class TooManyRows(CannotExport):
    """There are more rows than a sheet can hold."""

    def __init__(self) -> None:
        super().__init__(f"An Excel sheet holds at most {MOST_ROWS:,} rows. Download it as CSV instead.")


def as_xlsx(rows: Iterable[Sequence[str]], *, most: int = MOST_ROWS) -> IO[bytes]:
    """Write all rows, and give the open file at its beginning; the caller closes it. Raises CannotExport.

    Unlike a CSV, the file is sent only when it is complete: an error gives an error page, not half a file.
    """
    from openpyxl import Workbook  # noqa: PLC0415  (the import takes a sixth of each process's start)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  (as above)

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("idlink")
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    with _removed_unless_whole(sheet, file):
        cell = WriteOnlyCell(sheet)
        cell.number_format = TEXT
        for number, row in enumerate(rows, start=1):
            if number > most:
                raise TooManyRows
            sheet.append(_text_cells(cell, row))
        workbook.save(file)
    file.seek(0)
    return file


@contextmanager
def _removed_unless_whole(sheet: Any, file: IO[bytes]) -> Iterator[None]:
    """Remove both files after an error, openpyxl's own, too: that would stay until the process ends."""
    try:
        yield
    except BaseException as error:
        full = is_full_disk(error)
        for end in (file.close, sheet.close, sheet._writer.cleanup):
            with suppress(OSError):  # a full disk refuses the last bytes of a file that is thrown away
                end()
        if full:
            raise CannotExport(FULL_DISK) from None
        raise


def _text_cells(cell: Any, row: Sequence[str]) -> Iterator[Any]:
    """Give one cell again and again, each time with the next text. openpyxl writes it at once; new cells are slow."""
    for value in row:
        text = safe(storable(value))
        cell.value = text if len(text) <= LONGEST else TOO_LONG  # a cut text would end in a wrong ID
        yield cell
