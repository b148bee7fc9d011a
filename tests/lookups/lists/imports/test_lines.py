"""Every line of a file is accounted for: fuzzed files against counts that were made another way."""

import csv
import io
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lookups.lists import imports
from lookups.lists.imports import lines as lines_module
from lookups.lists.imports.csv_rows import csv_rows, row_detector
from lookups.lists.imports.lines import lines
from lookups.models import Run
from tests.fuzzing import fuzzed
from tests.lookups.lists.imports.lists import read_list, read_on, rows, send, verdicts
from tests.makers import NOW

pytestmark = [pytest.mark.django_db]

ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXT = st.text(
    st.one_of(
        st.sampled_from("0123456789,;\t|'=+é😀\x00\x0b\x0c\x1c\x85\u2028\u2029\u200b"), st.characters(codec="utf-8")
    ),
    max_size=12,
)
FIELD = TEXT.map(lambda text: re.sub('[\r\n"]', "", text))
LONG = st.sampled_from(["x70000", "1*5000", "12\n" + "y\n"])  # the first two stand for so many letters
VALUES = st.one_of(st.integers(0, 10**18).map(str), FIELD, st.text('ab"\n ,;', max_size=6), LONG)


@fuzzed(30)
@given(
    table=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=12),
    separator=st.sampled_from(",;\t|"),
    end=ENDS,
    encoding=ENCODINGS,
    last_end=st.booleans(),
)
def test_a_sound_file_has_as_many_rows_as_were_written(app, table, separator, end, encoding, last_end):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["user id", "a", "b"])
    table = [[re.sub(r"(.)\*?(70000|5000)", lambda m: m[1] * int(m[2]), cell) for cell in row] for row in table]
    table = [[f"{number}x", *row[1:]] for number, row in enumerate(table)]  # no line inside of a field is an ID
    writer.writerows([[cell.replace("\r", "") for cell in row] for row in table])
    content = text.getvalue() if last_end else text.getvalue().removesuffix(end)

    run = read_list(app, content.encode(encoding), id_column=0, has_header=True)

    assert run.rows == len(table)
    assert run.rows == run.todo + run.rejected + run.duplicate == run.list_rows.count()
    given = [(reason, value[:40]) for _, _, reason, value in rows(run)]
    assert all(reason in ("not_digits", "field_too_long") for reason, _ in given)
    assert [value for reason, value in given if reason == "not_digits"] == [
        row[0][:40] for row, (reason, _) in zip(table, given, strict=True) if reason == "not_digits"
    ]


@fuzzed(30)
@given(
    pieces=st.lists(st.tuples(st.lists(FIELD, max_size=4), ENDS), min_size=1, max_size=15),
    separator=st.sampled_from(",;\t|"),
    encoding=ENCODINGS,
)
@example(pieces=[(["1"], "\r"), ([], "\n"), ([], "\n")], separator=",", encoding="utf-16-le")
def test_without_quotes_every_line_is_a_row(app, pieces, separator, encoding):
    text = "12" + separator + "x\n" + "".join(separator.join(cells) + end for cells, end in pieces)
    assume(len(re.findall("[\x00-\x08\x0e-\x1f\x7f]", text)) < 10)  # more of them is no text
    assume("\x00" not in text or not encoding.startswith("utf-16-"))  # told by its zero bytes
    run = read_list(app, text.encode(encoding), id_column=0, has_header=False)

    # The oracle: line ends are CR LF, CR, LF; the last one begins no line.
    split = re.split("\r\n|\r|\n", text)
    assert run.rows == len(split) - (split[-1] == "")
    assert run.rows == run.todo + run.rejected + run.duplicate
    assert [line for line, *_ in rows(run)] == list(range(1, run.rows + 1))


@fuzzed(30)
@given(content=st.binary(max_size=400), start=st.sampled_from([b"", b"12,13\n", b'"12\n', b"\xff\xfe1\0"]), tail=TEXT)
def test_whatever_comes_is_refused_or_wholly_accounted_for(app, content, start, tail):
    content = start + content + b'\n13,"' + tail.encode() + b"\n14,a\n"
    try:
        run = send(app, content)
        imports.name_columns(run, id_column=0, asset=app, has_header=False, now=NOW)
    except imports.CannotRead:
        return
    run = read_on(run)

    read_lines = [line for line, *_ in rows(run)]
    assert run.state == Run.State.READY
    assert run.rows == run.todo + run.rejected + run.duplicate == len(read_lines) == len(set(read_lines))
    assert run.list_file.__class__.objects.get(run=run).offset == len(content)


@fuzzed(30)
@given(
    text=st.text(st.sampled_from('12,"\n\rxé😀'), max_size=60),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "cp1252"]),
    block=st.integers(2, 9),
)
def test_reading_can_go_on_behind_any_row_whatever_the_blocks(tmp_path_factory, text, encoding, block):
    path = tmp_path_factory.mktemp("text") / "x"
    path.write_bytes(text.encode(encoding, "ignore"))
    detector, whole = row_detector(",", 0), lines_module.BLOCK
    every = list(csv_rows(lines(path, encoding, 0), ",", 0, detector))
    lines_module.BLOCK = 2 * (block // 2)
    try:
        assert list(csv_rows(lines(path, encoding, 0), ",", 0, detector)) == every
        for place, row in enumerate(every, start=1):
            rest = csv_rows(lines(path, encoding, row.offset), ",", row.last_line, detector)
            assert list(rest) == every[place:]
    finally:
        lines_module.BLOCK = whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('1,"a\n2,b\n3,c\n', ["broken_quote", "2", "3"]),
        ('1,"a\n2,b"\n3,c\n', ["broken_quote", "2", "3"]),
        ('1,"a\n2,"b\n3,"c"\n', ["broken_quote", "broken_quote", "3"]),
        ('1,"a"x\n2,b\n', ["broken_quote", "2"]),
        ('"1,a\n2,b\n', ["broken_quote", "2"]),
        ('1,"a\nb"\n2,c\n', ["1", "2"]),
        ('1,"a\r\n\r\nb ""x"""\n2,c\n', ["1", "2"]),
        ('1,a"b\n2,c\n', ["1", "2"]),
        ('"1","a,b"\n2,c\n', ["1", "2"]),
        ('1,"' + "a,b\n" * 300 + '"\n2,x\n', ["broken_quote", "not_digits"]),
    ],
)
def test_an_unclosed_quotation_mark_is_an_error_of_its_own_line(app, text, expected):
    run = read_list(app, ("9,x\n" + text).encode(), id_column=0, has_header=False)

    assert verdicts(run)[1 : len(expected) + 1] == expected


def test_quotation_marks_are_taken_off_where_nothing_separates_fields(app):
    run = read_list(app, b'"12"\n13\n"14"x\n"15\n1;6\n', id_column=0, has_header=False)

    assert run.list_file.separator == ""
    assert verdicts(run) == ["12", "13", "broken_quote", "broken_quote", "not_digits"]


def test_a_long_field_in_quotation_marks_is_no_broken_quote(app):
    text = 'id,n\n1,"' + "x" * 200_000 + '"\n2,"y"\n'

    assert verdicts(read_list(app, text.encode())) == ["field_too_long", "2"]


def test_lines_are_numbered_as_an_editor_does(app):
    run = read_list(app, b'id,n\n1,"a\nb"\n\n2,x\n', id_column=0, has_header=True)

    assert [(line, reason or value) for line, _, reason, value in rows(run)] == [(2, "1"), (4, "empty"), (5, "2")]


def test_empty_lines_count_as_rejected_but_not_the_end_of_the_last(app):
    assert verdicts(read_list(app, b"id\n\n12\n\n\n")) == ["empty", "12", "empty", "empty"]
    assert verdicts(read_list(app, b"id\n12")) == ["12"]


def test_rows_of_another_shape_are_rejected_unless_nothing_stands_in_the_extra_fields(app):
    run = read_list(app, b"n,id\nx,1\nx,2,\nx,3,,y\nx\n,\nSmith, John,4\n", id_column=1, has_header=True)

    assert verdicts(run) == ["1", "2", "too_many_columns", "missing_column", "empty", "too_many_columns"]


def test_a_field_that_is_too_long_is_one_rejected_row(app, settings):
    settings.IDLINK_LIST_FIELD_KB = 1
    text = "id,n\n1," + "x" * 1024 + "\n2," + "x" * 1025 + "\n3," + "x" * 200_000 + "\n4,y\n"
    for encoding in ("utf-8", "utf-16"):
        assert verdicts(read_list(app, text.encode(encoding))) == ["1", "field_too_long", "field_too_long", "4"]


def test_a_deletion_list_is_read_as_it_comes(app):
    ids = b"10152368852405295\n0123456789\n"

    assert verdicts(read_list(app, ids)) == ["10152368852405295", "0123456789"]
    assert verdicts(read_list(app, b"App-scoped user ids\r\n" + ids)) == ["10152368852405295", "0123456789"]
