"""The results of an import: the rows as they came, what became of each, the person's IDs, and nothing uncertain."""

import csv
import io
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lookups.admin.lists.exporting import RejectsView, ResultsView
from lookups.admin.lists.run_words import sentence_of
from lookups.evidence import undoing
from lookups.lists import exports, running
from lookups.models import Conflict, ListRow, Lookup, Run
from tests.lookups.imported import answer, imported, imported_file, read_list, received
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    asker,
    scoped,
)

pytestmark = [pytest.mark.database]
LIST = f"""psid;name;note
{PSID};"John; the first";=1+1
{OMAR_PSID};Omar;-5
12a;Nobody;+
{PSID};John again;
4711000000000;Stranger;@x
""".encode()


@pytest.fixture
def run(world):
    return imported_file(world, LIST, graph_id=PAGE)


def table(run: Run) -> list[dict[str, str]]:
    """The results as a program reads them from the CSV, by column."""
    return read(exports.as_csv(ResultsView().rows(Run.objects.get(pk=run.pk))))


def read(blocks) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(blocks).decode("utf-8-sig"), newline="")))


def column_of(graph_id: str, row: dict[str, str]) -> str:
    return next(value for name, value in row.items() if name.endswith(f"({graph_id})"))


def test_each_row_comes_back_with_what_became_of_it(run):
    rows = table(run)

    assert [row["idlink line"] for row in rows] == ["2", "3", "4", "5", "6"]
    assert [row["psid"] for row in rows] == [PSID, OMAR_PSID, "12a", PSID, "4711000000000"]
    assert [row["name"] for row in rows] == ["John; the first", "Omar", "Nobody", "John again", "Stranger"]
    assert [row["note"] for row in rows] == ["'=1+1", "'-5", "'+", "", "'@x"]
    verdicts = [row["idlink verdict"] for row in rows]
    assert verdicts[:4] == ["linked", "linked", "rejected", "duplicate"]
    assert verdicts[4] in ("asked, none", "refused", "failed")
    assert "not an ID" in rows[2]["idlink reason"]


def test_the_person_s_ids_stand_in_the_columns_of_their_apps_and_pages(run):
    john, omar, nobody, again, _ = table(run)

    assert (column_of(PAGE, john), column_of(MOVIE_APP, john), column_of(GAME_APP, john)) == (PSID, ASID, GAME_ASID)
    assert (column_of(PAGE, omar), column_of(MOVIE_APP, omar), column_of(GAME_APP, omar)) == (OMAR_PSID, OMAR_ASID, "")
    assert john["idlink person"] == again["idlink person"] == scoped(PAGE, PSID).person.public_id
    assert not any(value for name, value in nobody.items() if "(" in name or name == "idlink person")
    assert {row["in conflict"] for row in (john, omar, nobody)} == {""}


def test_time_confirmed_and_lookup_are_told(run):
    john = table(run)[0]
    lookup = Lookup.objects.get(run=run, value=PSID)

    assert john["idlink lookup"] == str(lookup.pk)
    assert john["idlink confirmed"] == f"{lookup.answers.get().at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_column_stands_there_for_every_app_and_page_of_the_business_only(run, world):
    header = list(table(run)[0])
    expected = {asset.graph_id for asset in world.page.business.assets.all()}

    assert {
        name.rpartition("(")[2].rstrip(")") for name in header if name.startswith(("ASID in", "PSID in"))
    } == expected


def test_what_is_fresh_already_is_served_from_the_store(world, run):
    again = imported_file(world, LIST, graph_id=PAGE)

    john = table(again)[0]

    assert (john["idlink verdict"], column_of(MOVIE_APP, john), john["idlink lookup"]) == ("already fresh", ASID, "")
    assert john["idlink confirmed"]


def test_rows_not_asked_yet_and_rows_held_say_so(world):
    run = received(world, LIST, graph_id=PAGE)
    assert [row["idlink verdict"] for row in table(run)] == ["waiting", "waiting", "rejected", "duplicate", "waiting"]

    running.start(run, by=world.user, now=timezone.now())
    from lookups.lists import feeding  # noqa: PLC0415

    feeding.feed(timezone.now())
    running.pause(run, by=world.user, now=timezone.now())
    first = table(run)[0]
    assert (first["idlink verdict"], first["idlink reason"]) == ("held", "Waits for its run to go on.")

    running.cancel(run, by=world.user, now=timezone.now())
    answer(run)
    assert table(run)[0]["idlink verdict"] == "refused"


def test_links_in_conflict_are_never_served_as_certain(world, run):
    Conflict.objects.create(
        business=run.business, kind=Conflict.Kind.ONE_WAY, one=scoped(PAGE, PSID), other=scoped(MOVIE_APP, ASID),
        found_at=timezone.now(),
    )  # fmt: skip

    john, omar = table(run)[:2]

    assert column_of(PAGE, john) == PSID, "the row's own ID is what it is"
    assert (column_of(MOVIE_APP, john), column_of(GAME_APP, john)) == ("", "")
    assert f"({MOVIE_APP}): {ASID}" in john["in conflict"]
    assert f"({GAME_APP}): {GAME_ASID}" in john["in conflict"]
    assert (column_of(MOVIE_APP, omar), omar["in conflict"]) == (OMAR_ASID, "")


def test_several_ids_in_one_place_are_joined_by_a_blank_and_in_conflict(world, sandbox):
    ask = asker(world)
    ask(PAGE, PSID, hours=1)
    ask(MOVIE_APP, OMAR_ASID, hours=1)
    move = {"asset": GAME_APP, "id": GAME_ASID}
    sandbox.control("people", {"move": move, "to": {"asset": MOVIE_APP, "id": OMAR_ASID}})
    ask(MOVIE_APP, OMAR_ASID)
    run = imported(world, (PAGE, PSID))
    assert Conflict.objects.filter(kind="two_ids", ended_at=None).exists()

    (row,) = table(run)
    assert column_of(MOVIE_APP, row) == ""
    assert {ASID, OMAR_ASID} <= set(row["in conflict"].replace(";", " ").split())

    Conflict.objects.update(ended_at=timezone.now())
    (row,) = table(run)
    assert set(column_of(MOVIE_APP, row).split(" ")) == {ASID, OMAR_ASID}


def test_after_an_undo_the_links_are_gone_from_the_results(world, run):
    undoing.start_undoing(run, reason="Wrong.", by=world.user, now=timezone.now())
    while undoing.go_on_undoing(run.pk):
        pass

    john = table(run)[0]

    assert (column_of(PAGE, john), column_of(MOVIE_APP, john)) == (PSID, "")


def test_without_the_file_the_id_stands_for_the_row(run):
    run.list_file.path.unlink()

    rows = table(run)

    assert [row["ID"] for row in rows] == [PSID, OMAR_PSID, "12a", PSID, "4711000000000"]
    assert "name" not in rows[0]
    assert column_of(MOVIE_APP, rows[0]) == ASID


def test_a_file_that_is_shorter_than_it_was_loses_no_row(run):
    content = run.list_file.path.read_bytes()
    run.list_file.path.write_bytes(b"\n".join(content.split(b"\n")[:2]))

    rows = table(run)

    assert [row["psid"] for row in rows] == [PSID, OMAR_PSID, "12a", PSID, "4711000000000"]
    assert column_of(MOVIE_APP, rows[1]) == OMAR_ASID


def test_blank_lines_and_rows_of_several_lines_keep_their_results(world):
    content = f'psid,note\n\n{PSID},"two\nlines"\n\n\n{OMAR_PSID},x\n'.encode()

    rows = table(imported_file(world, content, graph_id=PAGE))

    told = {row["psid"]: (row["note"], row["idlink verdict"]) for row in rows if row["psid"]}
    assert told == {PSID: ("two\nlines", "linked"), OMAR_PSID: ("x", "linked")}


@pytest.mark.parametrize("as_file", ["csv", "xlsx"])
def test_an_export_can_be_imported_again_with_every_digit(world, run, as_file):
    rows = ResultsView().rows(Run.objects.get(pk=run.pk))
    if as_file == "xlsx":
        with exports.as_xlsx(rows) as file:
            content = file.read()
    else:
        content = b"".join(exports.as_csv(rows))

    again = received(world, content, graph_id=PAGE, name=f"results.{as_file}")

    values = list(ListRow.objects.filter(run=again).order_by("line").values_list("value", "state"))
    before = list(ListRow.objects.filter(run=run).order_by("line").values_list("value", flat=True))
    assert [value for value, _ in values] == before
    assert [state for _, state in values] == ["todo", "todo", "rejected", "duplicate", "todo"]
    header, *lines = ResultsView().rows(Run.objects.get(pk=again.pk))
    game = next(number for number, name in enumerate(header) if name.endswith(f"({GAME_APP})"))
    assert lines[0][game] == GAME_ASID


def test_rejects_are_told_apart_with_line_code_and_sentence(run):
    (row,) = read(exports.as_csv(RejectsView().rows(run)))

    assert (row["line"], row["what stood there"], row["code"]) == ("4", "12a", "not_digits")
    assert "is not an ID" in row["reason"]


def test_without_rejects_there_is_the_header_alone(world):
    run = read_list(world, (PAGE, PSID))

    assert list(exports.rejects_of(run, sentence_of)) == [["line", "what stood there", "code", "reason"]]


def test_rejects_of_several_chunks_come_in_order(world, monkeypatch):
    monkeypatch.setattr("lookups.lists.exports.rejects.CHUNK", 3)
    run = read_list(world, rejected=[(f"x{n}", "not_digits") for n in range(10)])

    lines = [int(row[0]) for row in list(exports.rejects_of(run, sentence_of))[1:]]

    assert len(lines) == 10
    assert all(one < other for one, other in pairwise(lines))


def test_the_number_of_queries_a_chunk_is_constant(world, run, monkeypatch):
    asker(world)(PAGE, "4711000000001")
    page = world.page

    def queries(rows: int) -> int:
        list_run = read_list(world, *[(PAGE, PSID), (PAGE, OMAR_PSID), (MOVIE_APP, ASID)][: min(rows, 3)])
        ListRow.objects.bulk_create(
            ListRow(business=run.business, run=list_run, line=100 + n, asset=page, value=f"{n + 1}")
            for n in range(rows)
        )
        with CaptureQueriesContext(connection) as captured:
            assert len(list(exports.results_of(list_run, None, sentence_of))) > rows
        return len(captured)

    assert queries(2) == queries(50) == queries(900)
    monkeypatch.setattr("lookups.lists.exports.results.CHUNK", 100)
    few, many = queries(190), queries(990)
    assert (many - few) % 8 == 0, "eight chunks more"
    assert (many - few) <= 8 * 11, "eleven queries for each at most"
