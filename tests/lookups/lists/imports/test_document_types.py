"""A workbook that declares a document type, in any of its parts, is refused: no spreadsheet writes one."""

import io
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from lookups.lists.imports import CannotRead
from lookups.models import Run
from tests.lookups.lists.imports.lists import MAIN, package, read_list, send, sheet

pytestmark = pytest.mark.django_db
ROWS = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in (1, 2))
GOOD = package(sheet(ROWS), strings=f'<sst xmlns="{MAIN}"><si><t>12345</t></si></sst>')
PARTS = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"]


def declaring(part: str, document_type: str) -> bytes:
    """The good workbook with a document type at the head of this part."""
    content = io.BytesIO()
    with ZipFile(io.BytesIO(GOOD)) as old, ZipFile(content, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, (document_type.encode() if name == part else b"") + old.read(name))
    return content.getvalue()


def test_without_one_it_is_read(app):
    assert (read_list(app, GOOD, has_header=False).state, Run.objects.get().rows) == (Run.State.READY, 2)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "document_type", ["<!DOCTYPE x>", '<!DOCTYPE x SYSTEM "file:///etc/passwd">', '<!DOCTYPE x [<!ENTITY e "1">]>']
)
def test_with_one_it_is_refused(app, part, document_type):
    with pytest.raises(CannotRead, match="defines XML entities"):
        send(app, declaring(part, document_type))

    assert not Run.objects.exists()
