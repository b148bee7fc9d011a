"""Parses the cells of a sheet from the stream of its XML: it builds no tree and keeps nothing beyond the limits."""

import re
from collections import deque
from typing import Any, NamedTuple
from xml.sax.handler import ContentHandler

from defusedxml.expatreader import create_parser

from lookups.lists.imports import limits
from lookups.lists.imports.limits import CannotRead

_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_ROW_NUMBER = re.compile(r"[0-9]{1,7}")
MOST_ROWS = 1_048_576  # that any sheet can have
MOST_OUTSIDE = 1_000_000  # cells to the right of the columns that are read


class RawCell(NamedTuple):
    """A cell of the XML: its type, whether it holds a formula, its text, and whether that was cut."""

    kind: str
    is_formula: bool
    text: str
    is_cut: bool


class RawRow(NamedTuple):
    """A row of the sheet: its number, and its cells by column, counted from 0."""

    number: int
    cells: dict[int, RawCell]


def parser_for(handler: ContentHandler) -> Any:
    """Give a parser that takes bytes and refuses entities and document types."""
    parser = create_parser(forbid_dtd=True)
    parser.setContentHandler(handler)
    return parser


class TextCollector(ContentHandler):
    """Base class: collects the text inside chosen elements, up to the limit of a field."""

    def __init__(self) -> None:
        super().__init__()
        self._longest = limits.field_size()
        self._parts: list[str] = []
        self._length = 0
        self._collects = False

    def characters(self, content: str) -> None:
        """Keep the text if it is wanted, up to the limit."""
        if self._collects:
            self._length += len(content)
            if self._length - len(content) <= self._longest:
                self._parts.append(content)

    def _forget(self) -> None:
        self._parts, self._length, self._collects = [], 0, False

    def _collected(self) -> tuple[str, bool]:
        return "".join(self._parts)[: self._longest], self._length > self._longest


class SheetHandler(TextCollector):
    """Puts each complete row of cells into `rows`."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: deque[RawRow] = deque()
        self._columns = limits.columns() + 1
        self._number = self._column = self._outside = 0
        self._cells: dict[int, RawCell] = {}
        self._kind = ""
        self._is_formula = self._in_cell = self._in_phonetic = False

    def startElement(self, name: str, attrs: Any) -> None:
        """Note which element begins: a row, a cell or a text."""
        name = name.rpartition(":")[2]
        if name == "c":
            self._start_cell(attrs)
        elif name in ("v", "t", "f") and self._in_cell:
            if name == "f":
                self._is_formula = True
                self._forget()
            self._collects = not self._in_phonetic and (name == "f" or not self._is_formula)
        elif name == "rPh":
            self._in_phonetic = True
        elif name == "row":
            self._start_row(attrs)

    def endElement(self, name: str) -> None:
        """Keep the cell or row that is complete now."""
        name = name.rpartition(":")[2]
        if name in ("v", "t", "f"):
            self._collects = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self.rows.append(RawRow(self._number, self._cells))
            self._cells = {}
        elif name == "rPh":
            self._in_phonetic = False

    def _start_row(self, attrs: Any) -> None:
        number = attrs.get("r")
        if number is not None and not _ROW_NUMBER.fullmatch(number):
            raise ValueError("not a row number")
        number = int(number) if number else self._number + 1
        if number > MOST_ROWS:
            raise limits.too_many_rows("xlsx")
        if number <= self._number:
            what = f"has row {number} twice" if number == self._number else f"has row {number} after row {self._number}"
            raise CannotRead(
                f"The sheet {what}, so it is not certain which cells belong together: open the workbook in a "
                "spreadsheet, save it again as .xlsx or CSV, and send that."
            )
        self._number, self._column, self._cells = number, 0, {}

    def _start_cell(self, attrs: Any) -> None:
        reference = attrs.get("r")
        if reference:
            match = _REFERENCE.fullmatch(reference)
            if not match:
                raise ValueError("not a cell")
            self._column = _column(match[1])
        else:
            self._column += 1
        self._kind = attrs.get("t", "n")
        self._is_formula = False
        self._forget()
        self._in_cell = True
        if self._column > self._columns:
            self._outside += 1
            if self._outside > MOST_OUTSIDE:
                raise limits.too_many_columns()

    def _end_cell(self) -> None:
        """Keep the cell; all cells beyond the limit go into one extra column, which marks a row as too wide."""
        if self._length or self._is_formula:
            text, is_cut = self._collected()
            self._cells[min(self._column, self._columns) - 1] = RawCell(self._kind, self._is_formula, text, is_cut)
        self._in_cell = False
        self._forget()


class StringsHandler(TextCollector):
    """Collects the texts that cells refer to by number; long ones as bytes, which need no more room than the file."""

    MOST = 1_000_000
    SHORT = 256

    def __init__(self, up_to: int | None) -> None:
        super().__init__()
        self.texts: list[str | bytes] = []
        self._up_to = up_to
        self._in_phonetic = False

    @property
    def is_complete(self) -> bool:
        """Tell whether the last wanted text has been read."""
        return self._up_to is not None and len(self.texts) > self._up_to

    def startElement(self, name: str, attrs: Any) -> None:
        """Collect text, without phonetic hints."""
        name = name.rpartition(":")[2]
        if name == "t":
            self._collects = not self._in_phonetic
        elif name == "rPh":
            self._in_phonetic = True

    def endElement(self, name: str) -> None:
        """Keep the complete text; a cut text gets one character more than a field may have, as the sign of the cut."""
        name = name.rpartition(":")[2]
        if name == "t":
            self._collects = False
        elif name == "rPh":
            self._in_phonetic = False
        elif name == "si":
            text, is_cut = self._collected()
            text += "…" if is_cut else ""
            self.texts.append(text if len(text) <= self.SHORT else text.encode())
            self._forget()
            if len(self.texts) > self.MOST:
                raise CannotRead("The workbook holds more than a million different texts: save the sheet as CSV.")


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column
