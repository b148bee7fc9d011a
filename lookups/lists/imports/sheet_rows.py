"""Gives the rows of an Excel sheet by their numbers, up to the last row with content."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lookups.lists.imports import limits
from lookups.lists.imports.cells import FormulaCell, LongCell, NumberCell, Row
from lookups.lists.imports.sheet_parser import RawCell, RawRow, SheetHandler, StringsHandler, parser_for
from lookups.lists.imports.workbooks import Workbook, opened_workbook, refusing_damage

BLOCK = 64 * 1024
MOST_LOOKED_AT = 8_000_000  # bytes of a sheet that a first look reads
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_BOOLEANS = {"0": "FALSE", "1": "TRUE"}

Texts = list[str | bytes]


def sheet_rows(path: Path, offset: int) -> Iterator[Row]:
    """Give the rows after the row number `offset`. The texts of the whole workbook stay in memory meanwhile."""
    with opened_workbook(path) as workbook, refusing_damage():
        texts = _texts(workbook, None)
        yield from _all_rows(_raw_rows(workbook, None), texts, offset)


def first_rows(path: Path, count: int) -> tuple[list[Row], tuple[str, ...]]:
    """Give the first rows and the names of the visible sheets; reads no more than these need."""
    with opened_workbook(path) as workbook, refusing_damage():
        raw = list(islice(_raw_rows(workbook, MOST_LOOKED_AT), count))
        wanted = [int(cell.text) for row in raw for cell in row.cells.values() if _is_shared(cell)]
        texts = _texts(workbook, max(wanted)) if wanted else []
        return list(islice(_all_rows(iter(raw), texts, 0), count)), workbook.sheet_names


def _raw_rows(workbook: Workbook, most: int | None) -> Iterator[RawRow]:
    handler = SheetHandler()
    parser = parser_for(handler)
    with workbook.archive.open(workbook.sheet) as part:
        while block := part.read(BLOCK):
            parser.feed(block)
            while handler.rows:
                yield handler.rows.popleft()
            if most is not None and part.tell() > most:
                return
        parser.close()
    while handler.rows:
        yield handler.rows.popleft()


def _texts(workbook: Workbook, up_to: int | None) -> Texts:
    handler = StringsHandler(up_to)
    if workbook.strings:
        parser = parser_for(handler)
        with workbook.archive.open(workbook.strings) as part:
            while not handler.is_complete and (block := part.read(BLOCK)):
                parser.feed(block)
    return handler.texts


def _all_rows(raw_rows: Iterator[RawRow], texts: Texts, offset: int) -> Iterator[Row]:
    """Give all rows, with empty ones in the gaps: these count, like empty lines."""
    number, most = offset, limits.most_rows("xlsx") + 1
    for raw in raw_rows:
        if raw.number <= offset or not raw.cells:
            continue
        if raw.number > most:
            raise limits.too_many_rows("xlsx")
        cells = _cells(raw, texts)
        if not any(cells):
            continue
        for empty in range(number + 1, raw.number):
            yield Row(empty, [""], "", empty, empty)
        number = raw.number
        problem = "field_too_long" if any(type(cell) is LongCell for cell in cells) else ""
        yield Row(number, cells, problem, number, number)


def _cells(row: RawRow, texts: Texts) -> list[str]:
    cells = [""] * (max(row.cells) + 1)
    for column, raw in row.cells.items():
        cells[column] = _text(raw, texts)
    return cells


def _text(raw: RawCell, texts: Texts) -> str:
    if raw.is_formula:
        return FormulaCell("=" + raw.text[:200])
    if raw.kind == "n":
        return NumberCell(raw.text[:200]) if raw.text.strip() else ""
    if raw.kind == "b":
        return _BOOLEANS.get(raw.text, raw.text)
    text: str | bytes = texts[_place_of(raw)] if _is_shared(raw) else raw.text
    text = text.decode() if isinstance(text, bytes) else text
    if raw.is_cut or len(text) > limits.field_size():
        return LongCell(text[:200])
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _place_of(cell: RawCell) -> int:
    place = int(cell.text)
    if place < 0:  # Python would count from the end and give another text
        raise ValueError("a place among the texts is below 0")
    return place


def _is_shared(cell: RawCell) -> bool:
    return cell.kind == "s" and not cell.is_formula and not cell.is_cut
