"""Looks at a new file: what it is, and its first rows. All of it in a confined child: the file may be hostile."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from lookups.lists.imports import limits
from lookups.lists.imports.confined import confined
from lookups.lists.imports.csv_rows import csv_rows, row_detector
from lookups.lists.imports.encodings import BLOCK, encoding_of, utf16_without_bom
from lookups.lists.imports.first_look import LOOKED_AT, first_look
from lookups.lists.imports.kinds import head_of, kind_by_bytes, refuse_markup
from lookups.lists.imports.leaks import Leaks, refuse_leaks
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.lines import lines
from lookups.lists.imports.looking import column_names, guess_header
from lookups.lists.imports.packing import packed, unpacked
from lookups.lists.imports.sheet_rows import first_rows
from lookups.lists.imports.sniffing import separator_of
from lookups.models import ListFile

LOOK_SECONDS = 20  # of processor time; a text of 200 MB in Cyrillic letters takes 9


def kind_at_the_door(path: Path) -> str:
    """Say whether a file is a workbook or text, by its first bytes; raises CannotRead for any other file."""
    head = head_of(path)
    return kind_by_bytes(head, is_utf16=_is_utf16(head))


def recognise_list(list_file: ListFile) -> None:
    """Fill in what the file is, its first rows and its columns; raises CannotRead and ReaderLost."""
    path, size = list_file.path, list_file.size
    with closing(confined(lambda: _looked_at(path, size), seconds=LOOK_SECONDS)) as told:
        found = next(told)
    rows = list(map(unpacked, found["rows"]))
    refuse_leaks(rows, Leaks())
    cells = [row.cells for row in rows if any(cell.strip() for cell in row.cells)]
    if not cells:
        raise CannotRead("There is nothing in the list: send one with at least one ID.")
    list_file.kind, list_file.encoding, list_file.separator = found["kind"], found["encoding"], found["separator"]
    list_file.has_header = guess_header(rows)
    list_file.columns = column_names(cells, has_header=list_file.has_header)
    if len(list_file.columns) > limits.columns():
        raise limits.too_many_columns()
    list_file.first_look = first_look(rows, found["sheets"])


def _looked_at(path: Path, size: int) -> Iterator[dict[str, Any]]:
    """Give what the file is and its first rows; runs in the child."""
    head = head_of(path)
    if kind_by_bytes(head, is_utf16=_is_utf16(head)) == ListFile.Kind.XLSX:
        if size > limits.bytes_of("xlsx"):
            raise limits.too_large("xlsx")
        rows, sheets = first_rows(path, LOOKED_AT)
        told = {"kind": "xlsx", "encoding": "", "separator": "", "sheets": sheets}
    else:
        encoding = _encoding(path, head)
        text = list(islice(lines(path, encoding, 0), LOOKED_AT))
        separator = separator_of(text)
        read = csv_rows(lines(path, encoding, 0), separator, 0, row_detector(separator, None))
        rows = list(islice(read, LOOKED_AT))
        told = {"kind": "csv", "encoding": encoding, "separator": separator, "sheets": ()}
    yield {**told, "rows": list(map(packed, rows))}


def _encoding(path: Path, head: bytes) -> str:
    encoding = encoding_of(path, head)
    refuse_markup(head.decode(encoding, "replace"))
    if not encoding.startswith("utf-16"):
        _refuse_too_long(path)
    return encoding


def _refuse_too_long(path: Path) -> None:
    """Refuse a list with too many lines before it is read. Not one with quotation marks: its rows may span lines."""
    line_ends = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b'"' in block:
                return
            line_ends += block.count(b"\n")
    if line_ends > limits.most_rows("csv") + 1:
        raise limits.too_many_rows("csv")


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or bool(utf16_without_bom(head))
