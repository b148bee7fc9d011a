"""The files about an import as their users meet them; who may have them, and delete the list's own."""

import html
import io

import pytest
from openpyxl import load_workbook

from businesses.models import Role
from lookups.lists import exports
from lookups.models import Run
from tests.lookups.admin.lists.downloads import LIST, address, content_of, csv_of, text
from tests.lookups.imported import imported_file
from tests.lookups.people_of_johns import ASID, MOVIE_APP, OMAR_PSID, PAGE, PSID, asker
from tests.pages import member


@pytest.fixture
def run(world):
    return imported_file(world, LIST, graph_id=PAGE)


@pytest.mark.parametrize("role", list(Role))
def test_whoever_sees_the_run_downloads_its_results(world, run, role):
    response = member(world.page.business, role).get(address(run, "results"))

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="idlink-run-{run.pk}-results.csv"'
    assert "no-store" in response["Cache-Control"]
    rows = csv_of(response)
    assert [row["idlink verdict"] for row in rows] == ["linked", "linked", "rejected"]
    assert rows[0]["name"] == '\'=HYPERLINK("http://evil.example")'


def test_results_come_as_a_workbook_of_text(run, admin):
    response = admin.get(address(run, "results", "xlsx"))

    assert response["Content-Disposition"] == f'attachment; filename="idlink-run-{run.pk}-results.xlsx"'
    assert "spreadsheetml" in response["Content-Type"]
    assert "no-store" in response["Cache-Control"]
    header, john, *_ = load_workbook(io.BytesIO(content_of(response))).active.iter_rows()
    by_name = dict(zip((cell.value for cell in header), john, strict=True))
    movie = next(cell for name, cell in by_name.items() if name.endswith(f"({MOVIE_APP})"))
    assert (movie.value, movie.number_format) == (ASID, "@")
    assert by_name["name"].data_type != "f"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_rejects_are_a_file_of_their_own(run, admin, file_format):
    response = admin.get(address(run, "rejects", file_format))

    if file_format == "csv":
        (row,) = csv_of(response)
    else:
        header, cells = load_workbook(io.BytesIO(content_of(response))).active.iter_rows(values_only=True)
        row = dict(zip(header, cells, strict=True))
    assert (row["line"], row["what stood there"]) == ("4", "12a")


def test_a_sheet_that_would_be_too_long_is_refused_with_csv_as_the_way_out(run, admin, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)

    response = admin.get(address(run, "results", "xlsx"), follow=True)

    assert response.redirect_chain == [(run.address, 302)]
    assert "Download it as CSV instead" in text(response)
    assert len(csv_of(admin.get(address(run, "results")))) == 3


def test_there_are_no_other_formats_and_no_results_of_what_is_no_list(run, admin, world):
    assert admin.get(address(run, "results", "exe")).status_code == 404
    other = asker(world)(PAGE, PSID).run
    for what in ("results", "rejects", "undo"):
        assert admin.get(address(other, what)).status_code == 404


def test_downloading_changes_nothing_and_wants_no_post(run, admin):
    for what in ("results", "rejects"):
        assert admin.post(address(run, what)).status_code == 405


def test_the_run_s_page_leads_to_its_files_and_its_undo(world, run, admin):
    page = text(admin.get(run.address))

    for what in ("results", "rejects"):
        assert address(run, what, "csv") in page
        assert address(run, what, "xlsx") in page
    assert address(run, "undo") in page
    viewers = text(member(world.page.business, Role.VIEWER).get(run.address))
    assert address(run, "results", "csv") in viewers
    assert address(run, "undo") not in viewers


def test_the_file_is_deleted_after_a_question_and_the_downloads_say_what_is_gone(
    run, admin, django_capture_on_commit_callbacks
):
    sure = address(run, "delete-file")
    assert sure in text(admin.get(run.address))
    assert "not with the list's other columns" in html.unescape(text(admin.get(sure)))
    assert run.list_file.path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        page = html.unescape(text(admin.post(sure, follow=True)))

    assert not run.list_file.path.exists()
    assert "its file was deleted" in page
    assert sure not in page
    rows = csv_of(admin.get(address(run, "results", "csv")))
    assert [row["ID"] for row in rows] == [PSID, OMAR_PSID, "12a"]
    assert "name" not in rows[0]
    assert rows[0]["idlink verdict"] == "linked"
    assert [row["line"] for row in csv_of(admin.get(address(run, "rejects", "csv")))] == ["4"]


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 404), (Role.STAFF, 302)])
def test_only_who_may_ask_deletes_the_file(world, run, role, status):
    client = member(world.page.business, role)

    assert (address(run, "delete-file") in text(client.get(run.address))) == (role == Role.STAFF)
    assert client.post(address(run, "delete-file")).status_code == status


def test_the_file_of_a_list_that_was_not_read_yet_is_not_deleted(run, admin):
    Run.objects.filter(pk=run.pk).update(state=Run.State.READY, finished_at=None)

    assert admin.get(address(run, "delete-file")).status_code == 302
    assert "still needed" in text(admin.post(address(run, "delete-file"), follow=True))
    assert run.list_file.path.exists()


def test_a_token_in_a_list_that_was_taken_in_long_ago_is_not_handed_out(run, admin):
    token = "EAAB" + "wzLixnjYBO" * 3
    run.list_file.path.write_bytes(LIST.replace(b"Omar", token.encode()))

    assert token not in content_of(admin.get(address(run, "results", "csv"))).decode()
