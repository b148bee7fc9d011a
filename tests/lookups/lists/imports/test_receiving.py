"""What comes in is known by its content, kept under a random name, or not at all."""

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from lookups.lists import imports
from lookups.lists.imports import CannotRead
from lookups.models import ListFile, Run
from lookups.models.list_file import lists_folder
from tests.lookups.lists.imports.lists import as_xlsx, package, send, sheet
from tests.lookups.lists.imports.odd_values import GOOD
from tests.makers import NOW

pytestmark = pytest.mark.django_db


def zipped(**members: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return content.getvalue()


def kept() -> set[str]:
    return set(os.listdir(lists_folder())) if lists_folder().is_dir() else set()


@pytest.fixture
def open_handed() -> Iterator[None]:
    """Without our umask, which would take the rights of others from any file."""
    ours = os.umask(0)
    yield
    os.umask(ours)


@pytest.mark.usefixtures("open_handed")
def test_a_list_is_kept_under_a_random_name_that_only_we_can_read(app):
    file = send(app, f"id\n{GOOD}\n".encode(), name="../../../etc/x\x00y.csv").list_file

    assert file.name == "x\ufffdy.csv"
    assert file.path.parent == lists_folder()
    assert set(file.stored_as) <= set("0123456789abcdef")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.path.read_bytes() == f"id\n{GOOD}\n".encode()
    assert (file.size, len(file.sha256)) == (len(GOOD) + 4, 64)


def test_it_waits_for_its_columns(app):
    run = send(app, f"id\n{GOOD}\n".encode())

    assert (run.kind, run.state, run.rows) == (Run.Kind.LIST, Run.State.MAPPING, 0)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"\n\n \n", "nothing in the list"),
        (b"MZ\x90\x00\x03" + bytes(200), "a program"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a program"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "an image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100), "an image"),
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"<!DOCTYPE html><p>12", "a web page"),
        (b"\xef\xbb\xbf\n <HTML><body>", "a web page"),
        ("<html>".encode("utf-16"), "a web page"),
        (b"<?xml version='1.0'?><a/>", "an XML file"),
        (b'[{"id": "12"}]', "a JSON file"),
        (b"\x1f\x8b\x08\x00" + bytes(50), "a compressed file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "an old Excel file"),
        (b"SQLite format 3\x00" + bytes(50), "a database"),
        (bytes(range(256)) * 4, "not text"),
        (b"1\x00\x00\x002\x00\x00\x00" * 9, "not text"),
        (b"\xff\xfe\x00\x001\x00\x00\x00", "UTF-32"),
        (zipped(list=b"12"), "a ZIP archive"),
        (zipped(word__document_xml=b"<a/>").replace(b"document_xml", b"document.xml"), "a Word document"),
        (b"PK\x03\x04" + b"x" * 100, "damaged"),
        (package(sheet("<row r='1'><c r='A1'"), strings=""), "damaged"),
        (package(sheet("")), "nothing in the list"),
        (as_xlsx([["id"] * 65]), "more than 64 columns"),
        (b",".join([b"id"] * 65) + b"\n", "more than 64 columns"),
    ],
)
def test_what_is_no_list_is_refused_by_what_it_is_and_not_kept(app, content, what):
    before = kept()

    with pytest.raises(CannotRead, match=what):
        send(app, content, name="innocent.csv")
    assert kept() == before
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx", "list.exe", ""])
def test_the_name_does_not_matter(app, name):
    assert send(app, as_xlsx([["id"], [GOOD]]), name).list_file.kind == ListFile.Kind.XLSX
    assert send(app, b"12\n13\n", name).list_file.kind == ListFile.Kind.CSV


@pytest.mark.parametrize(
    ("encoding", "text", "found"),
    [
        ("utf-8", "id,näme\n12,é\n", "utf-8"),
        ("utf-8-sig", "id,näme\n12,é\n", "utf-8"),
        ("utf-16", "id,näme\n12,é\n", "utf-16-le"),
        ("utf-16-le", "id,näme\n12,é\n", "utf-16-le"),
        ("utf-16-be", "id,näme\n12,é\n", "utf-16-be"),
        ("cp1252", "id,näme\n12,“é”\n", "cp1252"),
    ],
)
def test_the_encoding_is_found(app, encoding, text, found):
    file = send(app, text.encode(encoding)).list_file

    assert (file.encoding, file.columns) == (found, ["id", "näme"])
    assert imports.look(file).samples[0][0] == "12"


def test_a_late_byte_of_another_encoding_is_seen(app):
    assert send(app, b"id,name\n" + b"12,x\n" * 400_000 + b"13,\xe9\n").list_file.encoding == "cp1252"


def test_few_broken_bytes_do_not_change_what_the_rest_says(app):
    assert send(app, "id,näme\n12,é\n".encode() + b"13,\xff\n").list_file.encoding == "utf-8"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(app, separator):
    text = f"id{separator}name\n12{separator}x, y; z\n13{separator}b\n14{separator}c\n15{separator}d\n"
    file = send(app, text.replace("x, y; z", '"x, y; z|a\tb"').encode()).list_file

    assert (file.separator, file.columns) == (separator, ["id", "name"])


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("12\n13\n", False),
        ("PSID\n12\n", True),
        ("App-Scoped User IDs\n", True),
        ("whatever\n12\n", True),
        ("whatever\nmore\n", False),
        ("x12\n", False),
        ("1.01524E+16\n12\n", False),
        ("12,id\n13,x\n", False),
    ],
)
def test_a_header_is_told_from_ids(app, text, header):
    assert send(app, text.encode()).list_file.has_header is header


@pytest.mark.parametrize(("setting", "kind"), [("IDLINK_LIST_CSV_MB", "csv"), ("IDLINK_LIST_XLSX_MB", "xlsx")])
def test_too_large_a_file_is_refused_while_it_comes(app, settings, setting, kind):
    setattr(settings, setting, 1)
    came, before = [], kept()

    def chunks():
        for number in range(100):
            came.append(number)
            yield (b"PK\x03\x04" if kind == "xlsx" and number == 0 else b"12\n") * 40_000

    with pytest.raises(CannotRead, match="larger than 1 MB"):
        imports.receive(business=app.business, chunks=chunks(), name="x", by=None, now=NOW)
    assert len(came) < 12
    assert kept() == before


def test_too_many_lines_are_refused_at_once(app, settings):
    settings.IDLINK_LIST_CSV_ROWS = 10

    with pytest.raises(CannotRead, match="more than 10 rows"):
        send(app, b"id\n" + b"12\n" * 11)
    assert send(app, b"id\n" + b"12\n" * 10)


def test_an_upload_that_breaks_off_leaves_nothing(app):
    before = kept()

    def chunks():
        yield b"12\n"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        imports.receive(business=app.business, chunks=chunks(), name="x", by=None, now=NOW)
    assert kept() == before


def test_what_a_killed_process_left_goes_after_a_day(app, settings):
    lists_folder().mkdir(exist_ok=True)
    old, young = lists_folder() / "old", lists_folder() / "young"
    coming = Path(settings.FILE_UPLOAD_TEMP_DIR) / "broken-off.upload"
    for path, age in ((old, 90_000), (young, 3600), (coming, 90_000)):
        path.write_bytes(b"x")
        os.utime(path, (NOW.timestamp() - age,) * 2)
    file = send(app, b"12\n").list_file
    os.utime(file.path, (0, 0))
    imports.remove_old(NOW)

    assert (old.exists(), coming.exists(), young.exists(), file.path.exists()) == (False, False, True, True)


def test_ids_are_pasted_apart_by_blanks_commas_and_line_ends(app):
    text = "\n12, 13;14\t15 \r\n\n 0016"
    run = imports.receive_pasted(business=app.business, text=text, asset=app, by=None, now=NOW)

    assert run.state == Run.State.READING
    assert not imports.read_some(run.pk, NOW)
    run.refresh_from_db()
    assert (run.state, run.rows, run.todo) == (Run.State.READY, 5, 5)
    assert list(run.list_rows.order_by("line").values_list("value", "asset")) == [
        (value, app.pk) for value in ("12", "13", "14", "15", "0016")
    ]


@pytest.mark.parametrize("text", ["", " \n ", ",;"])
def test_nothing_pasted_is_refused(app, text):
    with pytest.raises(CannotRead, match="at least one ID"):
        imports.receive_pasted(business=app.business, text=text, asset=app, by=None, now=NOW)
