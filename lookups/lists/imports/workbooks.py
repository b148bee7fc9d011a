"""Opens the package of an Excel workbook, checks what it holds, and finds its first visible sheet.

openpyxl does not read it: it keeps whole rows, also empty ones, in memory as trees, so a workbook of 10 MB could need
more than a gigabyte.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError
from xml.sax import SAXException
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from lookups.lists.imports.limits import MEGABYTE, CannotRead

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STRINGS = "xl/sharedStrings.xml"
MOST_OF_A_PART = 5_000_000  # bytes, of a part that is read as a whole

_SYMLINK = 0xA
_ENCRYPTED = 0x1
_OTHERS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "content.xml": "an OpenDocument file",
}
_DAMAGED = (
    BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError, NotImplementedError, RuntimeError, ParseError,
    SAXException,
)  # fmt: skip


@dataclass(frozen=True)
class Workbook:
    """An open workbook: its archive, the part of its first visible sheet, and the names of all visible ones."""

    archive: ZipFile
    sheet: str
    sheet_names: tuple[str, ...]
    strings: str


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turn any error that a damaged or malicious workbook raises into a refusal."""
    try:
        yield
    except DefusedXmlException as error:
        raise CannotRead("The workbook defines XML entities, which no Excel file does: it is not read.") from error
    except _DAMAGED as error:
        raise CannotRead(
            "The Excel workbook is damaged: open it in a spreadsheet, save it again as .xlsx or CSV, and send that."
        ) from error


@contextmanager
def opened_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook; its directory is checked before anything is unpacked."""
    with refusing_damage(), ZipFile(path) as archive:
        _check_directory(archive.infolist())
        sheets = _visible_sheets(archive)
        if not sheets:
            raise CannotRead("The workbook has no visible sheet: put the list on its first sheet.")
        names = set(archive.namelist())
        yield Workbook(archive, sheets[0][1], tuple(name for name, _ in sheets), STRINGS if STRINGS in names else "")


def _check_directory(members: list[ZipInfo]) -> None:
    names = {member.filename for member in members}
    if WORKBOOK not in names:
        what = next((what for name, what in _OTHERS.items() if name in names), "a ZIP archive")
        raise CannotRead(f"This is {what}, not a list. Save the list as .xlsx or CSV and send that.")
    if len(members) > settings.IDLINK_LIST_MEMBERS:
        raise CannotRead(
            f"The workbook has more than {settings.IDLINK_LIST_MEMBERS} parts: save only the sheet with the list."
        )
    if sum(member.file_size for member in members) > settings.IDLINK_LIST_UNPACKED_MB * MEGABYTE:
        raise CannotRead(
            f"The workbook is larger than {settings.IDLINK_LIST_UNPACKED_MB} MB when unpacked: save the sheet as CSV."
        )
    if any(_is_odd(member) for member in members) or len(names) < len(members):
        raise CannotRead("The workbook is packed in a way no spreadsheet uses: save it again, or save it as CSV.")


def _is_odd(member: ZipInfo) -> bool:
    is_link = member.external_attr >> 28 == _SYMLINK
    return bool(is_link or member.flag_bits & _ENCRYPTED or member.compress_type not in (ZIP_STORED, ZIP_DEFLATED))


def _visible_sheets(archive: ZipFile) -> list[tuple[str, str]]:
    """Give names and parts of the visible worksheets, in their order."""
    targets = {node.get("Id"): node.get("Target", "") for node in _tree(archive, RELATIONS)}
    found = []
    for node in _tree(archive, WORKBOOK).iter():
        if _plain(node.tag) == "sheet" and node.get("state", "visible") == "visible":
            key = next((value for name, value in node.attrib.items() if _plain(name) == "id"), None)
            target = targets.get(key, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part.startswith("xl/worksheets/") and ".." not in part:
                found.append((node.get("name", "")[:100], part))
    return found


def _tree(archive: ZipFile, part: str) -> Element:
    if archive.getinfo(part).file_size > MOST_OF_A_PART:
        raise CannotRead("The workbook's table of contents is too large: save only the sheet with the list.")
    root: Element = fromstring(archive.read(part), forbid_dtd=True)
    return root


def _plain(name: str) -> str:
    """Give a name without its namespace."""
    return name.rpartition("}")[2]
