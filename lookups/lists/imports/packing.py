"""Turns rows of lists into plain JSON and back, for the pipe of a child process and for the database."""

from typing import Any

from lookups.lists.imports.cells import FormulaCell, LongCell, NumberCell, OddCell, Row

_ODD: dict[str, type[OddCell]] = {kind.code: kind for kind in (NumberCell, FormulaCell, LongCell)}

PackedCell = str | list[str]  # a list holds the code of an odd cell and its text


def packed(row: Row) -> list[Any]:
    """Give a row as JSON knows it."""
    return [row.line, packed_cells(row.cells), row.problem, row.offset, row.last_line]


def unpacked(told: list[Any]) -> Row:
    """Give the row that was packed."""
    line, cells, problem, offset, last_line = told
    return Row(line, unpacked_cells(cells), problem, offset, last_line)


def packed_cells(cells: list[str]) -> list[PackedCell]:
    """Give the cells of a row as JSON knows them."""
    return [[cell.code, str(cell)] if isinstance(cell, OddCell) else cell for cell in cells]


def unpacked_cells(told: list[PackedCell]) -> list[str]:
    """Give the cells that were packed."""
    return [cell if isinstance(cell, str) else _ODD[cell[0]](cell[1]) for cell in told]
