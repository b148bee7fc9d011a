"""Rows as an Excel workbook of text cells, in a temporary file without a name that goes when it is closed."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from lookups.lists.exports.cells import safe, storable

MOST_ROWS = 1_048_576  # that a sheet can hold, the header among them
LONGEST = 32_767  # characters that a cell can hold
TOO_LONG = "too long for a cell of Excel: download it as CSV"
TEXT = "@"


class TooManyRows(Exception):
    """A sheet can't hold them; the text says so, and what to do."""

    def __init__(self) -> None:
        super().__init__(f"An Excel sheet holds at most {MOST_ROWS:,} rows. Download it as CSV instead.")


def as_xlsx(rows: Iterable[Sequence[str]], *, most: int = MOST_ROWS) -> IO[bytes]:
    """Give the whole file, at its beginning; whoever takes it closes it. Raises TooManyRows.

    Unlike CSV nothing is sent before all is written: what fails midway is an error page, not half a file.
    """
    from openpyxl import Workbook  # noqa: PLC0415  (a sixth of the time in which each process starts)
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  (as above)

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("idlink")
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the taker closes it)
    try:
        cell = WriteOnlyCell(sheet)
        cell.number_format = TEXT
        for number, row in enumerate(rows, start=1):
            if number > most:
                raise TooManyRows
            sheet.append(_text_cells(cell, row))
        workbook.save(file)
    except BaseException:
        file.close()
        sheet.close()
        sheet._writer.cleanup()  # what openpyxl itself put aside: else it stays until the process ends
        raise
    file.seek(0)
    return file


def _text_cells(cell: Any, row: Sequence[str]) -> Iterator[Any]:
    """Give the one cell again and again: it is written before the next is asked for, and making cells is slow."""
    for value in row:
        text = safe(storable(value))
        cell.value = text if len(text) <= LONGEST else TOO_LONG  # cut off, the last ID would be a wrong one
        yield cell
