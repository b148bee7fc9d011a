"""Short ways for tests to send a list and read it."""

import csv
import io
from collections.abc import Iterable, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from businesses.models import Asset
from lookups.lists import imports
from lookups.models import ListRow, Run
from tests.makers import NOW

CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def send(app: Asset, content: bytes, name: str = "list.csv") -> Run:
    """A list that waits for its columns to be named."""
    return imports.receive(business=app.business, chunks=[content], name=name, by=None, now=NOW)


def read(run: Run, app: Asset | None, **columns) -> Run:
    """Name its columns, as guessed unless said otherwise, and read it to its end."""
    seen = imports.look(run.list_file)
    named = {"id_column": seen.id_column or 0, "asset": app, "has_header": seen.has_header, **columns}
    imports.name_columns(run, **named, now=NOW)
    return read_on(run)


def read_on(run: Run) -> Run:
    while imports.read_some(run.pk, NOW):
        pass
    run.refresh_from_db()
    return run


def read_list(app: Asset, content: bytes, **columns) -> Run:
    """Send and read."""
    return read(send(app, content), app, **columns)


def rows(run: Run) -> list[tuple[int, str, str, str]]:
    """Line, state, reason and value of each row."""
    return list(ListRow.objects.filter(run=run).order_by("line").values_list("line", "state", "reason", "value"))


def verdicts(run: Run) -> list[str]:
    """What became of each row: its ID, or the code of why not; duplicates count as IDs."""
    return [reason or value for _, _, reason, value in rows(run)]


def as_csv(lines: Iterable[Sequence[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(lines)
    return text.getvalue()


def as_xlsx(lines: Iterable[Sequence[object]]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def package(sheet: str, *, strings: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """A workbook written by hand around the XML of its sheet."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{CONTENT_TYPES}"/>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if strings:
            archive.writestr("xl/sharedStrings.xml", strings)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return content.getvalue()


def sheet(cells: str) -> str:
    """The XML of a sheet around its rows."""
    return f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData></worksheet>'
