"""Splits the lines of a text into rows of fields, with or without quotation marks.

A field in quotation marks may hold line ends (RFC 4180). But a row is broken if a mark is never closed, if a closing
mark is followed by text, or if a pair of marks would enclose lines that are rows themselves. Only the line with the
opening mark is then rejected; reading goes on with the next line.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from lookups.lists.imports import limits
from lookups.lists.imports.cells import Row
from lookups.lists.imports.lines import Line

MOST_LINES = 100  # that one row may span

OPEN, BROKEN = "open", "broken"
_NO_SEPARATOR = "\udfff"  # occurs in no decoded line
_ID = re.compile(r'[0-9]{1,32}|"[0-9]{1,32}"')

LooksLikeRow = Callable[[str], bool]

csv.field_size_limit(2**31 - 1)  # lines have a limit, and we report fields that are too long


def csv_rows(lines: Iterator[Line], separator: str, line: int, looks_like_row: LooksLikeRow) -> Iterator[Row]:
    """Give the rows; `line` is the number of the line before the first."""
    waiting: deque[Line] = deque()
    longest = limits.field_size()
    while (first := waiting.popleft() if waiting else next(lines, None)) is not None:
        line += 1
        text, offset, problem = first
        if problem:
            yield Row(line, [text], problem, offset, line)
        elif '"' not in text:
            cells = text.split(separator) if separator else [text]
            yield Row(line, cells, "" if len(text) <= longest else _size_problem(cells), offset, line)
        else:
            row = _quoted_row(first, line, separator, _Ahead(lines, waiting), looks_like_row)
            line = row.last_line
            yield row


def fields_of(text: str, separator: str, *, goes_on: bool = False) -> tuple[list[str], str]:
    """Split a row with quotation marks; also says whether a pair is still open at its end, or broken.

    `goes_on`: the text begins inside a pair that an earlier line has opened. The standard library's reader refuses an
    open pair and a broken one alike. It accepts an open one once a mark is added, and so tells them apart.
    """
    text = f'"{text}' if goes_on else text
    for added, state in (("", ""), ('"', OPEN)):
        with suppress(csv.Error):
            return next(csv.reader([text + added], delimiter=separator or _NO_SEPARATOR, strict=True)), state
    return [text], BROKEN


def row_detector(separator: str, id_column: int | None) -> LooksLikeRow:
    """Give a test whether a line is a row by itself: it has an ID in the ID column. Without a known column none is."""

    def looks_like_row(text: str) -> bool:
        if id_column is None:
            return False
        cells = text.split(separator) if separator else [text]
        return id_column < len(cells) and bool(_ID.fullmatch(cells[id_column].strip(" \t")))

    return looks_like_row


class _Ahead:
    """Looks at the next lines before it is known whether they belong to the row."""

    def __init__(self, lines: Iterator[Line], waiting: deque[Line]) -> None:
        self._lines, self._waiting = lines, waiting

    def __iter__(self) -> Iterator[Line]:
        """Give the next lines without taking them."""
        for place in range(MOST_LINES):
            if place == len(self._waiting):
                self._waiting.extend(islice(self._lines, 1))
            if place == len(self._waiting):
                return
            yield self._waiting[place]

    def take(self, count: int) -> Line:
        """Take so many lines for good; gives the last."""
        return [self._waiting.popleft() for _ in range(count)][-1]


def _quoted_row(first: Line, line: int, separator: str, ahead: _Ahead, looks_like_row: LooksLikeRow) -> Row:
    cells, state = fields_of(first.text, separator)
    if not state:
        return Row(line, cells, _size_problem(cells), first.offset, line)
    if state == OPEN:
        found = _closed(cells, separator, ahead, looks_like_row)
        if found:
            cells, count = found
            return Row(line, cells, _size_problem(cells), ahead.take(count).offset, line + count)
    return Row(line, [first.text], "broken_quote", first.offset, line)


def _closed(
    cells: list[str], separator: str, ahead: _Ahead, looks_like_row: LooksLikeRow
) -> tuple[list[str], int] | None:
    """Give the fields of a row that spans the next lines, and the number of those lines; None if no line closes it."""
    longest = limits.field_size()
    for count, following in enumerate(ahead, start=1):
        if following.problem or looks_like_row(following.text):
            return None
        more, state = fields_of(following.text, separator, goes_on=True)
        cells = [*cells[:-1], f"{cells[-1]}\n{more[0]}", *more[1:]]
        if state == BROKEN or len(cells) > limits.columns():
            return None
        if not state:
            return cells, count
        if len(cells[-1]) > longest:
            return None
    return None


def _size_problem(cells: list[str]) -> str:
    longest = limits.field_size()
    return "field_too_long" if any(len(cell) > longest for cell in cells) else ""
