"""Rows as lines: what goes in comes out, whatever stands in a text; and PostgreSQL means the same by them."""

import io
from contextlib import closing

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookups.backups.lines import line_of, rows_in, sqlite_converter

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ODD = [
    "",
    "\\N",
    "\\",
    "\\\\",
    "a\\",
    "\ttab\nline\r\\n",
    "x\\\ty",
    "Zoë – 人",
    "\x0b\x08\x0c\x85\u2028",
    " NULL ",
    "\\.",
]


def read(line: bytes, columns: int) -> list[object]:
    (row,) = rows_in(io.BytesIO(line), [None] * columns)
    return row


@given(st.lists(TEXTS | st.none(), min_size=1, max_size=5))
def test_texts_and_nulls_come_back_as_they_were(row):
    line = line_of(row)

    assert line.count(b"\n") == 1
    assert read(line, len(row)) == row


def test_numbers_lose_no_digit():
    assert read(line_of([0.1 + 0.2, 10**18 + 1, -1]), 3) == [repr(0.1 + 0.2), str(10**18 + 1), "-1"]


def test_bytes_are_refused_rather_than_written_as_something_else():
    with pytest.raises(TypeError, match="bytes"):
        line_of([b"\x00"])


def test_a_row_with_too_few_values_is_refused():
    with pytest.raises(ValueError):
        list(rows_in([b"1\t2\n"], [None] * 3))


@pytest.mark.parametrize(
    ("declared", "text", "stored"),
    [
        ("bool", "t", 1),
        ("bool", "f", 0),
        ("bool", "0", 0),
        ("datetime", "2026-11-23 12:00:00.5+00", "2026-11-23 12:00:00.500000"),
        ("datetime", "2026-11-23 12:00:00", "2026-11-23 12:00:00"),
        ("char(32)", "0f31170a-c447-4f0e-8537-1f1b88c14733", "0f31170ac4474f0e85371f1b88c14733"),
    ],
)
def test_values_of_postgresql_become_what_django_stores_in_sqlite(declared, text, stored):
    convert = sqlite_converter(declared)

    assert convert is not None
    assert convert(text) == stored


def test_postgresql_reads_and_writes_the_same_lines(postgres):
    place = postgres.new_database().removeprefix("postgres://postgres:@/")
    folder, _, name = place.rpartition("/")
    lines, written = b"".join(line_of([text]) for text in [*ODD, None]), io.BytesIO()
    with closing(psycopg2.connect(host=folder, user="postgres", dbname=name)) as database, database.cursor() as cursor:
        cursor.execute("CREATE TABLE odd (number serial, text text)")
        cursor.copy_expert("COPY odd (text) FROM STDIN", io.BytesIO(lines))
        cursor.execute("SELECT text FROM odd ORDER BY number")
        assert [text for (text,) in cursor.fetchall()] == [*ODD, None]
        cursor.copy_expert("COPY (SELECT text FROM odd ORDER BY number) TO STDOUT", written)

    assert [text for (text,) in rows_in(io.BytesIO(written.getvalue()), [None])] == [*ODD, None]
