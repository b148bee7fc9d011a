"""Reading goes on wherever it stopped: nothing is doubled, nothing lost."""

from io import BytesIO

import pytest
from openpyxl import Workbook

from lookups.lists import imports
from lookups.lists.imports import reading, sources
from lookups.lists.imports.confined import confined
from lookups.models import ListFile, Run
from tests.lookups.lists.imports.lists import (
    MAIN,
    as_xlsx,
    package,
    read,
    read_list,
    read_on,
    rows,
    send,
    sheet,
    verdicts,
)
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LINES = ["id,n", *(f'{n % 37},"a\nb {n}"' if n % 5 else "x,," for n in range(60)), "", "12,z"]
CSV = "\n".join(LINES).encode()
XLSX = as_xlsx([["id", "n"], *([str(n % 37), "a"] if n % 5 else ["x"] for n in range(60)), [], ["12", "z"]])


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 7)
    sources.end_children()


class Killed(BaseException):
    """What stands for the end of a process."""


def read_with_a_kill(run, monkeypatch, *, at_chunk: int, after_rows: bool) -> None:
    """Read; die in a chunk, before or after its rows were written, and go on as another process."""
    add, calls = reading.add_rows, []

    def add_or_die(*given):
        calls.append(given)
        if len(calls) == at_chunk and not after_rows:
            raise Killed
        add(*given)
        if len(calls) == at_chunk:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(reading, "add_rows", add_or_die)
        with pytest.raises(Killed):
            read_on(run)
    sources.end_children()
    read_on(run)


@pytest.mark.parametrize("content", [CSV, XLSX, CSV.decode().encode("utf-16")], ids=["csv", "xlsx", "utf-16"])
@pytest.mark.parametrize("after_rows", [False, True])
def test_a_list_is_read_once_though_reading_is_killed_in_any_chunk(app, small_chunks, monkeypatch, content, after_rows):
    whole = read_list(app, content, id_column=0, has_header=True)
    assert whole.rows == 62
    for at_chunk in (1, 2, 5, 9):
        run = send(app, content)
        imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
        read_with_a_kill(run, monkeypatch, at_chunk=at_chunk, after_rows=after_rows)

        assert rows(run) == rows(whole)
        assert (run.state, run.rows, run.todo, run.rejected, run.duplicate) == (
            Run.State.READY, whole.rows, whole.todo, whole.rejected, whole.duplicate,
        )  # fmt: skip


@pytest.mark.parametrize("content", [CSV, XLSX], ids=["csv", "xlsx"])
def test_two_workers_never_store_a_part_twice(app, small_chunks, content):
    run = send(app, content)
    imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
    stale = reading._to_read(run.pk)
    chunk = reading._next_chunk(stale)
    imports.read_some(run.pk, NOW)

    assert reading._store(stale, chunk) is False
    assert len(rows(run)) == 7 - 1


def test_two_workbooks_that_take_turns_are_each_unpacked_once(app, small_chunks, monkeypatch):
    children = []
    monkeypatch.setattr(sources, "confined", lambda *read, **most: children.append(1) or confined(*read, **most))
    runs = [send(app, XLSX, "a.xlsx"), send(app, XLSX, "b.xlsx")]
    for run in runs:
        imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)

    while sum(imports.read_some(run.pk, NOW) for run in runs):
        pass

    assert len(children) == 2
    assert rows(runs[0]) == rows(runs[1]) == rows(read_list(app, XLSX))


def test_a_workbook_left_open_that_nobody_reads_any_more_makes_room(app, small_chunks, monkeypatch):
    for name in "abc":
        run = send(app, XLSX, f"{name}.xlsx")
        imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
        assert imports.read_some(run.pk, NOW)
    assert len(sources._kept) == sources.MOST_OPEN
    assert run.list_file.path not in sources._kept

    monkeypatch.setattr(sources, "FORGOTTEN_AFTER", -1.0)
    assert imports.read_some(run.pk, NOW)

    assert list(sources._kept) == [run.list_file.path]


def test_what_was_read_before_columns_were_named_anew_is_not_stored(app, small_chunks):
    run = send(app, CSV)
    imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
    stale = reading._to_read(run.pk)
    chunk = reading._next_chunk(stale)
    Run.objects.update(state=Run.State.READY)
    imports.name_columns(run, id_column=1, asset=app, has_header=True, now=NOW)

    assert reading._store(stale, chunk) is False
    assert rows(run) == []


def test_the_first_line_of_an_id_counts(app, small_chunks):
    run = read_list(app, "".join(f"{n % 10}\n" for n in range(40)).encode())

    assert [line for line, state, _, _ in rows(run) if state == "todo"] == list(range(1, 11))
    assert (run.rows, run.todo, run.duplicate) == (40, 10, 30)


@pytest.mark.parametrize(
    ("content", "kind"), [(b'"1"\n2\n3\n4\n', "CSV"), (as_xlsx([["1"], ["2"], ["3"], ["4"]]), "XLSX")]
)
def test_too_many_rows_are_refused_and_nothing_is_kept(app, settings, content, kind):
    settings.IDLINK_LIST_CSV_ROWS = settings.IDLINK_LIST_XLSX_ROWS = 3
    run = read_list(app, content)

    assert (run.state, run.rows, run.todo, run.finished_at) == (Run.State.REFUSED, 0, 0, NOW)
    assert f"more than 3 rows, the limit for {kind}" in run.why
    assert rows(run) == []
    assert ListFile.objects.get(run=run).removed_at == NOW


def test_a_workbook_that_breaks_in_the_middle_is_refused(app, small_chunks, monkeypatch):
    row = "<row r='{0}'><c r='A{0}' t='inlineStr'><is><t>{0}</t></is></c></row>"
    broken = "".join(row.format(n) for n in range(1, 20_000)) + "<row r='20000'><c></row>"
    run = send(app, package(sheet(broken)))
    imports.name_columns(run, id_column=0, asset=app, has_header=False, now=NOW)
    for _ in range(3):
        assert imports.read_some(run.pk, NOW)
    monkeypatch.setattr(reading, "CHUNK", 50_000)
    read_on(run)

    assert (run.state, run.rows) == (Run.State.REFUSED, 0)
    assert "damaged" in run.why


@pytest.mark.parametrize("place", ["99999", "-1", "x"])
def test_a_cell_that_names_a_text_that_is_not_there_makes_the_workbook_damaged(app, place):
    good = "<row r='{0}'><c r='A{0}' t='inlineStr'><is><t>{0}</t></is></c></row>"
    rows_ = "".join(good.format(n) for n in range(1, 300)) + f"<row r='300'><c r='A300' t='s'><v>{place}</v></c></row>"
    strings = f'<sst xmlns="{MAIN}"><si><t>12345123</t></si></sst>'
    run = send(app, package(sheet(rows_), strings=strings))
    imports.name_columns(run, id_column=0, asset=app, has_header=False, now=NOW)

    assert read_on(run).state == Run.State.REFUSED
    assert "damaged" in run.why


def test_a_file_that_is_gone_is_said_to_be_gone(app):
    run = send(app, CSV)
    imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
    run.list_file.path.unlink()

    assert (read_on(run).state, run.why[:30]) == (Run.State.REFUSED, "The file of this list is not h")


def test_a_list_of_nothing_but_a_header_is_refused(app):
    assert read_list(app, b"psid\n").state == Run.State.REFUSED


def test_cells_are_read_as_they_are_stored(app):
    texts = ["<t>id</t>", "<r><t>00</t></r><r><t>12</t></r><rPh><t>99</t></rPh>", "<t>1_x0033_</t>"]
    strings = f"<sst>{''.join(f'<si>{text}</si>' for text in texts)}</sst>"
    cells = (
        '<row><c t="s"><v>0</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>1</v></c></row>'
        '<row r="4"><c r="A4" t="s"><v>2</v></c></row>'
        '<row r="5"><c r="A5" t="str"><v>14</v></c></row>'
        '<row r="6"><c r="A6" t="str"><f>"1"&amp;"5"</f><v>15</v></c></row>'
        '<row r="7"><c r="B7" t="str"><v>x</v></c></row>'
        '<row r="8"><c r="A8" t="e"><v>#N/A</v></c></row>'
        '<row r="9"><c r="A9" s="4"/></row><row r="500000"/>'
    )
    run = read_list(app, package(sheet(cells), strings=strings), id_column=0, has_header=True)

    assert [(line, reason or value) for line, _, reason, value in rows(run)] == [
        (2, "empty"), (3, "0012"), (4, "13"), (5, "14"), (6, "formula"), (7, "empty"), (8, "not_digits"),
    ]  # fmt: skip


def test_only_the_first_visible_sheet_is_read_and_that_is_said(app):
    book = Workbook()
    book.active.append(["1"])
    book.active.sheet_state = "hidden"
    for name in ("People", "Others"):
        book.create_sheet(name).append(["12" if name == "People" else "13"])
    content = BytesIO()
    book.save(content)

    run = send(app, content.getvalue())
    assert imports.look(run.list_file).notes == ["Only the first visible sheet, “People”, is read; the workbook has 2."]
    assert verdicts(read(run, app)) == ["12"]


@pytest.mark.parametrize(("numbers", "what"), [((1, 2, 2), "has row 2 twice"), ((1, 5, 3), "has row 3 after row 5")])
def test_a_sheet_whose_rows_repeat_or_go_back_is_refused_by_the_row(app, numbers, what):
    cells = "".join(f'<row r="{number}"><c t="str"><v>12</v></c></row>' for number in numbers)

    with pytest.raises(imports.CannotRead, match=f"The sheet {what}, so it is not certain"):
        send(app, package(sheet(cells)))


def test_a_row_that_repeats_far_down_is_refused_while_it_is_read(app):
    cells = "".join(f'<row r="{number}"><c t="str"><v>{number}</v></c></row>' for number in [*range(1, 3001), 3000])
    run = read(send(app, package(sheet(cells))), app)

    assert (run.state, run.rows) == (Run.State.REFUSED, 0)
    assert "has row 3000 twice" in run.why
