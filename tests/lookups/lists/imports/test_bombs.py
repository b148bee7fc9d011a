"""Files made to break their reader, read in a process with little memory; long lists; a full disk; kill -9."""

import json
import os
import random
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from lookups.lists.imports import recognising
from lookups.lists.imports.limits import MEGABYTE
from tests.lookups.lists.imports.lists import MAIN, package, sheet
from tests.migrated import copy_of_sqlite

ROOT = Path(__file__).resolve().parents[4]
ROWS = int(os.environ.get("LIST_ROWS") or 100_000)
CELL = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{0}</t></is></c></row>'
GOOD = CELL.format(1) + CELL.format(2)

pytestmark = pytest.mark.timeout(600)


class Apart:
    """An installation of its own, used by processes of their own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.environment = {**os.environ, "IDLINK_VAR_DIR": str(folder), "DATABASE_URL": database_url}
        self("prepare")

    def __call__(self, *order: str, wait: bool = True):
        command = [sys.executable, "-m", "tests.lookups.lists.imports.apart", *order]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)
        return json.loads(process.communicate()[0]) if wait else process


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    copy_of_sqlite(folder / "x.sqlite3")
    return Apart(folder, f"sqlite:///{folder}/x.sqlite3")


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.long), "postgres"])
def apart(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    if server is None:
        copy_of_sqlite(folder / "x.sqlite3")
    return Apart(folder, server.migrated_database() if server else f"sqlite:///{folder}/x.sqlite3")


def zip_bomb() -> bytes:
    return package(sheet(GOOD), more={"xl/media/x.bin": bytes(101 * MEGABYTE)})


def lying_zip_bomb() -> bytes:
    """Its directory says that the sheet is small."""
    content = bytearray(package(sheet(GOOD + "<!--" + " " * 120_000_000 + "-->")))
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


def far_cell() -> bytes:
    return package(sheet(GOOD + '<row r="1048576"><c r="XFD1048576" t="str"><v>1</v></c></row>'))


def wide_row() -> bytes:
    return package(sheet(GOOD + '<row r="3">' + "<c/>" * 20_000_000 + "</row>"))


def million_rows() -> bytes:
    return package(sheet("".join(f'<row r="{n}"><c t="str"><v>{n}</v></c></row>' for n in range(1, 1_000_001))))


def ten_million_empty_rows() -> bytes:
    return package(sheet(GOOD + "<row/>" * 10_000_000))


def million_styled_rows() -> bytes:
    return package(sheet(GOOD + '<row ht="15"><c s="1"/></row>' * 1_000_000))


def many_texts() -> bytes:
    return package(sheet(GOOD), strings=f'<sst xmlns="{MAIN}">' + "<si><t>1</t></si>" * 5_000_000 + "</sst>")


def far_text() -> bytes:
    """A cell that refers to the last of many texts: all are kept, with four bytes a letter for the sake of one."""
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>349999</v></c></row>'
    text = f"<si><t>{'1' * 240}😀</t></si>"
    return package(sheet(cells), strings=f'<sst xmlns="{MAIN}">' + text * 350_000 + "</sst>")


def one_huge_name() -> bytes:
    """A part of the XML that a parser has to hold as a whole."""
    return package(sheet(GOOD + f'<row r="3"><c r="A3" x="{"y" * 95_000_000}"/></row>'))


def one_long_text() -> bytes:
    return package(sheet(GOOD + '<row r="3"><c t="str"><v>' + "9" * 95_000_000 + "</v></c></row>"))


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return package(f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>' + sheet('<row><c t="str"><v>&l9;</v></c></row>'))


def outside_entity() -> bytes:
    return package(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + sheet('<row><c t="str"><v>&e;</v></c></row>')
    )


def nested_zip() -> bytes:
    inner = zip_bomb()
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.zip", inner)
    return content.getvalue()


def many_members() -> bytes:
    return package(sheet(GOOD), more={f"x/{number}": b"" for number in range(200)})


def symlink() -> bytes:
    content = BytesIO(package(sheet(GOOD)))
    with ZipFile(content, "a") as archive:
        link = ZipInfo("xl/media/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return content.getvalue()


def one_line() -> bytes:
    return b"9" * 199_000_000


def quotes_that_open_and_close() -> bytes:
    return b"1,z\n" + b'x",y"z,"\n' * 200_000


def open_quotes() -> bytes:
    return b'1,"x\n' * 200_000


SLOW_BOMBS = {
    million_styled_rows, ten_million_empty_rows, many_texts, one_long_text, wide_row, quotes_that_open_and_close,
    one_line, nested_zip, far_text, one_huge_name, million_rows, open_quotes
}  # fmt: skip
BOMBS = {
    zip_bomb: "larger than 100 MB when unpacked", lying_zip_bomb: "damaged", far_cell: "more than 200,000 rows",
    wide_row: "more than 64 columns", million_rows: "more than 200,000 rows",
    ten_million_empty_rows: "more than 200,000 rows",
    million_styled_rows: "", many_texts: "more than a million different texts", one_long_text: "",
    billion_laughs: "entities", outside_entity: "entities", nested_zip: "ZIP archive",
    many_members: "more than 100 parts", symlink: "packed in a way", one_line: "", open_quotes: "",
    quotes_that_open_and_close: "", far_text: "takes more than", one_huge_name: "takes more than",
}  # fmt: skip


@pytest.mark.parametrize(
    "bomb",
    [pytest.param(bomb, marks=[pytest.mark.long] if bomb in SLOW_BOMBS else []) for bomb in BOMBS],
    ids=lambda bomb: bomb.__name__,
)
def test_a_bomb_is_read_or_refused_in_little_memory(alone, tmp_path, bomb):
    path = tmp_path / "list.xlsx"
    path.write_bytes(bomb())
    told = alone("send", str(path), "most_mb=256")

    print(bomb.__name__, told)
    assert told["grew_mb"] < 60
    assert told["child_mb"] < 256 + 20
    assert told["received"] < recognising.LOOK_SECONDS
    if BOMBS[bomb]:
        assert told["state"] in ("cannot_read", "refused")
        assert BOMBS[bomb] in told["why"]
    else:
        assert told["state"] == "ready"
        assert told["rows"] == told["todo"] + told["rejected"] + told["duplicate"] == told["stored"]


@pytest.mark.long
def test_a_long_list_is_read_in_flat_memory(apart, tmp_path):
    path = tmp_path / "list.csv"
    with path.open("w") as file:
        file.write("asid,name\n")
        file.writelines(f"{n + 10**16},Person {n}\n" for n in range(ROWS))
        file.write(f"{10**16},again\nx,bad\n")
    told = apart("send", str(path), "most_mb=256")

    rate = told["rows"] / told["took"]
    print(
        f"{told['rows']:,} rows, {rate:,.0f} a second, {told['used_mb']:.0f} MB in all, {told['grew_mb']:.0f} MB more"
    )
    assert (told["rows"], told["todo"], told["duplicate"], told["rejected"]) == (ROWS + 2, ROWS, 1, 1)
    assert told["used_mb"] < 300
    assert told["grew_mb"] < 60
    assert rate > 2_000  # on a machine with much else to do


def test_a_full_disk_is_said_and_leaves_nothing(alone):
    told = alone("fill_disk", "20")

    assert "disk is full" in told["why"]
    assert len(told["files"]) <= told["runs"]


def test_killed_readers_and_readers_side_by_side_double_nothing(apart, tmp_path):
    path, rows = tmp_path / "list.csv", 60_000
    path.write_text("id,n\n" + "".join(f"{n % 50_000},x\n" for n in range(rows)) + "\nx,\n")
    run = str(apart("begin", str(path))["run"])
    chance = random.Random(7)
    for _ in range(6):
        readers = [apart("read", run, wait=False) for _ in range(2)]
        time.sleep(1.2 + chance.random())
        for reader in readers:
            reader.kill()
            reader.communicate()
    told = apart("read", run)

    assert (told["state"], told["rows"], told["stored"]) == ("ready", rows + 2, rows + 2)
    assert (told["todo"], told["duplicate"], told["rejected"]) == (50_000, 10_000, 2)
