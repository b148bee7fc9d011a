"""What stands in a field: plain text mostly; some fields of sheets and broken lines are no text to be trusted."""

from typing import ClassVar, NamedTuple


class OddCell(str):
    """A field that holds something else than text, or too much of it; the text is for showing only."""

    __slots__ = ()
    code: ClassVar[str] = ""


class NumberCell(OddCell):
    """A number of a sheet: it may have lost digits, and leading zeros."""

    __slots__ = ()
    code = "numeric_cell"


class FormulaCell(OddCell):
    """A formula of a sheet; never computed."""

    __slots__ = ()
    code = "formula"


class LongCell(OddCell):
    """The beginning of a field that is longer than allowed."""

    __slots__ = ()
    code = "field_too_long"


class Row(NamedTuple):
    """A row of a list, or what could not be read as one (then `problem` says why, and a cell holds what stands there).

    `offset` and `last_line` say where reading goes on after it.
    """

    line: int
    cells: list[str]
    problem: str
    offset: int
    last_line: int
