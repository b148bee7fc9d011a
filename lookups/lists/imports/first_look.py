"""The first rows of a list as they are kept in the database, so that no page ever opens the file."""

from collections.abc import Sequence
from typing import Any

from lookups.lists.imports.cells import OddCell, Row
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.packing import packed_cells, unpacked_cells
from lookups.lists.imports.verdicts import shown
from lookups.models import ListFile

LOOKED_AT = 200  # rows
MOST_KEPT = 200_000  # characters of all cells
GONE = "The file of this list is not here any more: send it again."


def first_look(rows: Sequence[Row], sheets: Sequence[str] = ()) -> dict[str, Any]:
    """Give what is kept of the first rows: cells without tokens, shortened; of very wide rows only some."""
    kept: list[list[Any]] = []
    size = 0
    for row in rows:
        cells = packed_cells([_shortened(cell) for cell in row.cells])
        size += sum(map(len, cells))
        if kept and size > MOST_KEPT:
            break
        kept.append([row.problem, cells])
    return {"rows": kept, "sheets": list(sheets)}


def first_rows_of(list_file: ListFile) -> tuple[list[Row], tuple[str, ...]]:
    """Give the first rows, and the names of a workbook's visible sheets. Raises CannotRead when the file is gone."""
    kept = list_file.first_look
    if list_file.removed_at or not kept:
        raise CannotRead(GONE)
    told = enumerate(kept["rows"], start=1)
    rows = [Row(number, unpacked_cells(cells), problem, 0, number) for number, (problem, cells) in told]
    return rows, tuple(kept["sheets"])


def _shortened(cell: str) -> str:
    return type(cell)(shown(cell)) if isinstance(cell, OddCell) else shown(cell)
