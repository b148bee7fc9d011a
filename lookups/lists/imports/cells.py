"""The content of a field: mostly plain text. Some fields of sheets and of broken lines hold no reliable text."""

from typing import ClassVar, NamedTuple


class OddCell(str):
    """A field that holds no text, or too much. Its text is for showing only."""

    __slots__ = ()
    code: ClassVar[str] = ""


class NumberCell(OddCell):
    """A number of a sheet: it may have lost digits and leading zeros."""

    __slots__ = ()
    code = "numeric_cell"


class FormulaCell(OddCell):
    """A formula of a sheet; idlink never computes it."""

    __slots__ = ()
    code = "formula"


class LongCell(OddCell):
    """The beginning of a field that is longer than allowed."""

    __slots__ = ()
    code = "field_too_long"


class Row(NamedTuple):
    """A row of a list. If it could not be read, `problem` says why, and a cell holds its text.

    `offset` and `last_line` say where reading goes on after the row.
    """

    line: int
    cells: list[str]
    problem: str
    offset: int
    last_line: int
