"""Recognises what a file is by its content; its name does not matter."""

import re
from pathlib import Path

from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.storing import ZIP
from lookups.models import ListFile

HEAD = 64 * 1024
FEW = 10  # control characters that a text may hold by accident; rows with them are rejected
_SAVE = "Save the list as CSV or as an Excel workbook (.xlsx) and send that."
_BYTES = {
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"\x89PNG": "an image",
    b"GIF8": "an image",
    b"\xff\xd8\xff": "an image",
    b"BM": "an image",
    b"RIFF": "an image, sound or film",
    b"\x1f\x8b": "a compressed file",
    b"BZh": "a compressed file",
    b"\xfd7zXZ": "a compressed file",
    b"\x28\xb5\x2f\xfd": "a compressed file",
    b"7z\xbc\xaf": "an archive",
    b"Rar!": "an archive",
    b"PK": "an archive",
    b"SQLite format 3": "a database",
    b"PAR1": "a Parquet file",
}
_TEXTS = {
    "<!doctype": "a web page",
    "<html": "a web page",
    "<head": "a web page",
    "<body": "a web page",
    "<table": "a web page",
    "<?xml": "an XML file",
    "%pdf": "a PDF",
    "{\\rtf": "a document (RTF)",
    "%!ps": "a PostScript file",
    "#!": "a program",
    "<?php": "a program",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def head_of(path: Path) -> bytes:
    """Give the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD)


def kind_by_bytes(head: bytes, *, is_utf16: bool) -> str:
    """Say whether a file is a workbook or text, by its first bytes; refuses any other file and names what it is."""
    if not head:
        raise CannotRead("The file is empty: send one with at least one ID.")
    if head.startswith(ZIP):
        return ListFile.Kind.XLSX
    if head.startswith(_OLE):
        raise CannotRead(
            "This is an old Excel file (.xls), or one with a password: save it as .xlsx without a password, or as CSV."
        )
    controls = 0 if is_utf16 else len(_CONTROLS.findall(head))
    for magic, what in _BYTES.items():
        if controls and head.startswith(magic):
            raise CannotRead(f"This is {what}, not a list. {_SAVE}")
    if controls > FEW and controls * 10 > len(head):
        raise CannotRead(f"This is not text, and no Excel workbook. {_SAVE}")
    return ListFile.Kind.CSV


def refuse_markup(text: str) -> None:
    """Refuse text that is no list: web pages, programs and the like."""
    start = text.lstrip("\ufeff \t\r\n").lower()
    for mark, what in _TEXTS.items():
        if start.startswith(mark):
            raise CannotRead(f"This is {what}, not a list. {_SAVE}")
    if re.match(r'\[\s*[{"]|\{\s*"', start):
        raise CannotRead(f"This is a JSON file, not a list. {_SAVE}")
