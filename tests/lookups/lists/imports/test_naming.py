"""Columns are guessed, then named; app and Page come from a choice or from a column."""

import pytest

from lookups.lists import imports
from lookups.lists.imports import CannotRead
from lookups.models import ListRow, Run
from tests.lookups.lists.imports.lists import as_xlsx, read, read_list, read_on, rows, send, verdicts
from tests.lookups.lists.imports.odd_values import GOOD
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


def test_columns_are_guessed_by_what_stands_in_them(app, page):
    text = f"name,user id,phone,where\nAnn,12,4917,{app.graph_id}\nBob,13,4918,{page.graph_id}\n"
    seen = imports.look(send(app, text.encode()).list_file)

    assert (seen.columns, seen.has_header) == (["name", "user id", "phone", "where"], True)
    assert (seen.id_column, seen.asset_column, seen.asset) == (1, 3, None)
    assert seen.samples == [["Ann", "12", "4917", app.graph_id], ["Bob", "13", "4918", page.graph_id]]


def test_the_header_can_be_overruled(app):
    file = send(app, b"key,what\n12,x\n").list_file
    seen = imports.look(file, has_header=False)

    assert (seen.columns, seen.samples[0]) == (["Column 1", "Column 2"], ["key", "what"])


def test_no_more_than_twenty_rows_are_shown(app):
    assert len(imports.look(send(app, b"12\n" * 500).list_file).samples) == 20


@pytest.mark.parametrize(
    ("name", "meant"), [("users.csv", None), ("psids of Bot.csv", None), ("Bot", "page"), ("del_{page}.txt", "page")]
)
def test_the_app_or_page_is_guessed_from_the_name_of_the_file(app, page, name, meant):
    seen = imports.look(send(app, b"12\n13\n", name.format(page=page.graph_id)).list_file)

    assert seen.asset == (page if meant else None)


def test_the_only_app_is_the_one_that_is_meant(app):
    assert imports.look(send(app, b"12\n13\n").list_file).asset == app


def test_a_column_says_whose_the_ids_are_by_id_name_or_kind(app, page):
    make_page(app.business, app, "Twice")
    make_app(app.business, "twice", secret="")
    make_app(make_business("Other"), "Elsewhere", secret="", graph_id="777")
    words = [
        app.graph_id, f" {page.graph_id} ", "shop", "BOT", f"app:{app.graph_id}", "page: Bot", f"page:{app.graph_id}",
        "Twice", "app:twice", "", "nobody", "Elsewhere", "777",
    ]  # fmt: skip
    text = "id,of\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words, start=100))
    run = read_list(app, text.encode(), id_column=0, asset_column=1, asset=None)

    given = list(ListRow.objects.filter(run=run).order_by("line").values_list("asset__kind", "asset__name", "reason"))
    assert given == [
        ("app", "Shop", ""), ("page", "Bot", ""), ("app", "Shop", ""), ("page", "Bot", ""), ("app", "Shop", ""),
        ("page", "Bot", ""),
        (None, None, "unknown_asset"), (None, None, "ambiguous_asset"), ("app", "twice", ""), (None, None, "no_asset"),
        (None, None, "unknown_asset"), (None, None, "unknown_asset"), (None, None, "unknown_asset"),
    ]  # fmt: skip
    assert rows(run)[10][3] == "nobody"


def test_a_number_of_a_sheet_names_an_app_only_while_it_is_whole(app):
    book = as_xlsx([["id", "of"], ["12", int(app.graph_id)], ["13", 10152368852405295], ["14", 1.5], ["15", "=A1"]])
    run = read_list(app, book, id_column=0, asset_column=1, asset=None)

    assert verdicts(run) == ["12", "numeric_cell", "numeric_cell", "formula"]


def test_the_same_id_of_an_app_and_of_a_page_is_no_duplicate(app, page):
    text = f"id,of\n12,{app.graph_id}\n12,{page.graph_id}\n012,Shop\n12,Shop\n12,Bot\n12,Bot\n"
    run = read_list(app, text.encode(), id_column=0, asset_column=1, asset=None)

    assert [state for _, state, _, _ in rows(run)] == ["todo", "todo", "todo", "duplicate", "duplicate", "duplicate"]
    assert (run.rows, run.todo, run.duplicate, run.rejected) == (6, 3, 3, 0)


def test_columns_can_be_named_anew_after_reading(app):
    run = read(send(app, b"a,b\n12,13\n12,14\n"), app, id_column=0, has_header=True)
    assert (run.state, verdicts(run), run.duplicate) == (Run.State.READY, ["12", "12"], 1)

    imports.name_columns(run, id_column=1, asset=app, has_header=False, now=NOW)
    assert (run.state, run.rows, run.duplicate, run.list_rows.count()) == (Run.State.READING, 0, 0, 0)
    assert verdicts(read_on(run)) == ["not_digits", "13", "14"]
    assert run.list_file.columns


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"id_column": 2}, "columns that the list has"),
        ({"id_column": -1}, "columns that the list has"),
        ({"asset_column": 9, "asset": None}, "columns that the list has"),
        ({"asset_column": 0, "asset": None}, "can't be the same"),
        ({"asset": None}, "to which app or Page"),
        ({"asset_column": 1}, "to which app or Page"),
        ({"asset": "foreign"}, "of the same business"),
    ],
)
def test_columns_that_make_no_sense_are_refused(app, columns, why):
    run = send(app, b"id,of\n12,x\n")
    if columns.get("asset") == "foreign":
        columns = {"asset": make_app(make_business("Other"), secret="")}

    with pytest.raises(CannotRead, match=why):
        imports.name_columns(run, **{"id_column": 0, "asset": app, "has_header": True, **columns}, now=NOW)
    run.refresh_from_db()
    assert run.state == Run.State.MAPPING


@pytest.mark.parametrize("state", [Run.State.READING, Run.State.GOING, Run.State.DONE, Run.State.CANCELLED])
def test_columns_are_not_named_while_the_list_is_at_work(app, state):
    run = send(app, b"12\n13\n")
    Run.objects.update(state=state)

    with pytest.raises(CannotRead, match="can't be named now"):
        imports.name_columns(run, id_column=0, asset=app, has_header=False, now=NOW)


@pytest.mark.parametrize("until", ["mapping", "reading", "ready"])
def test_a_list_can_be_given_up_before_its_start(app, until):
    run = send(app, f"{GOOD}\n12\n12\nx\n".encode())
    if until != "mapping":
        imports.name_columns(run, id_column=0, asset=app, has_header=False, now=NOW)
    if until == "ready":
        read_on(run)
    path = run.list_file.path

    imports.discard(run, None, NOW)
    assert (run.state, run.finished_at, path.exists()) == (Run.State.CANCELLED, NOW, path.exists())
    assert (run.rows, run.refused, run.duplicate, run.rejected) == ((4, 2, 1, 1) if until == "ready" else (0, 0, 0, 0))
    assert {reason for _, state, reason, _ in rows(run) if state == "refused"} <= {"cancelled"}
    assert not imports.read_some(run.pk, NOW)
    with pytest.raises(CannotRead):
        imports.look(type(run.list_file).objects.get(run=run))


def test_the_file_of_a_list_that_was_given_up_is_removed(app, django_capture_on_commit_callbacks):
    run = send(app, b"12\n")
    with django_capture_on_commit_callbacks(execute=True):
        imports.discard(run, None, NOW)

    assert not run.list_file.path.exists()


def test_a_list_that_was_started_is_not_given_up_here(app):
    run = send(app, b"12\n")
    Run.objects.update(state=Run.State.GOING)

    with pytest.raises(CannotRead, match="was started"):
        imports.discard(run, None, NOW)
