"""Downloads and the undo of an import as their users meet them; who may do what."""

import csv
import html
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from businesses.models import Role
from lookups import tasks
from lookups.evidence import undoing
from lookups.evidence.undoing import Stage
from lookups.lists import exports
from lookups.models import Conflict, Decision, Match, Run
from tests.lookups.imported import imported_file, received
from tests.lookups.lists.exports.many import store
from tests.lookups.people_of_johns import ASID, MOVIE_APP, OMAR_PSID, PAGE, PSID, asker, persons, scoped
from tests.makers import make_business, make_user

LIST = f'psid,name\n{PSID},"=HYPERLINK(""http://evil.example"")"\n{OMAR_PSID},Omar\n12a,Nobody\n'.encode()


@pytest.fixture
def run(world):
    return imported_file(world, LIST, graph_id=PAGE)


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """The runs for whose undo a worker was woken."""
    runs: list[int] = []
    monkeypatch.setattr("lookups.admin.lists.undoing.wake_undoing", runs.append)
    return runs


def member(world, role: Role) -> Client:
    client = Client()
    client.force_login(make_user(f"a {role}", world.page.business, role=role))
    return client


@pytest.fixture
def admin(world):
    return member(world, Role.ADMIN)


def address(run: Run, what: str, file_format: str = "") -> str:
    return reverse(f"admin:lookups_run_{what}", args=[run.pk]) + (f"?format={file_format}" if file_format else "")


def csv_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"), newline="")))


def content_of(response) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_whoever_sees_the_run_downloads_its_results(world, run, role):
    response = member(world, role).get(address(run, "results"))

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
    viewers = text(member(world, Role.VIEWER).get(run.address))
    assert address(run, "results", "csv") in viewers
    assert address(run, "undo") not in viewers


# -- undo


def test_the_undo_is_previewed_done_followed_and_taken_back(run, admin, woken, django_capture_on_commit_callbacks):
    shown = text(admin.get(address(run, "undo")))
    assert "2</strong> people fall apart" in shown
    assert "Undo this import" in shown
    assert scoped(PAGE, PSID).person.public_id in shown
    assert len(persons()) == 2

    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(address(run, "undo"), {"act": "undo", "reason": "Wrong file."})
    assert response.url == address(run, "undo")
    assert woken == [run.pk]
    under_way = admin.get(address(run, "undo"), headers={"HX-Request": "true"})
    assert "Being undone" in text(under_way)
    tasks.undo_run(run_pk=run.pk)

    assert admin.get(address(run, "undo"), headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = text(admin.get(address(run, "undo")))
    assert "Wrong file." in page
    assert "Take the undo back" in page
    assert all(len(person) == 1 for person in persons())
    assert "This import was undone" in text(admin.get(run.address))

    admin.post(address(run, "undo"), {"act": "take_back", "reason": "Right after all."})
    assert "being taken back" in text(admin.get(address(run, "undo")))
    tasks.undo_run(run_pk=run.pk)
    assert len(persons()) == 2
    assert "Right after all." in text(admin.get(address(run, "undo")))


def test_an_undo_wants_a_reason(run, admin, woken):
    response = admin.post(address(run, "undo"), {"act": "undo", "reason": " "})

    assert response.status_code == 400
    assert "This field is required" in text(response)
    assert not Decision.objects.exists()
    assert woken == []


def test_a_form_left_open_does_not_undo_twice_nor_turn_it_round(run, admin):
    admin.post(address(run, "undo"), {"act": "undo", "reason": "x"})

    response = admin.post(address(run, "undo"), {"act": "undo", "reason": "x"}, follow=True)

    assert "undone already" in text(response)
    assert Decision.objects.count() == 1
    assert undoing.stage_of(run, undoing.latest(run)) == Stage.UNDOING
    assert admin.post(address(run, "undo"), {"act": "nonsense", "reason": "x"}).status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_only_who_may_decide_undoes(world, run, role):
    client = member(world, role)

    assert client.get(address(run, "undo")).status_code == 404
    assert client.post(address(run, "undo"), {"act": "undo", "reason": "x"}).status_code == 404
    assert not Decision.objects.exists()


def test_an_import_that_is_not_over_says_so(world, admin):
    run = received(world, LIST, graph_id=PAGE)

    page = text(admin.get(address(run, "undo")))

    assert "not over yet" in page
    assert "<textarea" not in page


def test_a_decision_about_an_import_is_not_taken_back_as_one_about_two_ids(run, admin):
    admin.post(address(run, "undo"), {"act": "undo", "reason": "x"})
    decision = Decision.objects.get()

    for method in (admin.get, admin.post):
        assert method(reverse("admin:lookups_person_undo", args=[decision.pk])).status_code == 404


def test_the_person_s_page_tells_of_the_undo(run, admin):
    admin.post(address(run, "undo"), {"act": "undo", "reason": "Wrong file."})
    tasks.undo_run(run_pk=run.pk)

    page = text(admin.get(scoped(PAGE, PSID).person.address))

    assert "Split" in page
    assert "retracted by hand" in page


# -- links


LINKS = "admin:lookups_person_export"


def links(client: Client, **chosen: object) -> list[dict[str, str]]:
    response = client.get(reverse(LINKS), {"shape": "ids", "format": "csv", **chosen})
    assert response.status_code == 200
    return csv_of(response)


def test_links_are_chosen_in_a_form_and_downloaded(run, world, admin):
    page = text(admin.get(reverse(LINKS)))
    assert "Download CSV" in page
    business = world.page.business.pk

    rows = links(admin, business=business)
    assert {PSID, ASID, OMAR_PSID} <= {row["scoped ID"] for row in rows}
    assert len(links(admin, business=business, shape="people")) == 2
    assert {row["scoped ID"] for row in links(admin, business=business, asset=f"page:{world.page.pk}")} == {
        PSID,
        OMAR_PSID,
    }
    assert links(admin, business=business, since="2999-01-01") == []
    assert links(admin, business=business, before="2001-01-01") == []
    assert links(admin, business=business, stale="on") == []
    assert links(admin, business=business, state="in conflict") == []
    response = admin.get(reverse(LINKS), {"business": business, "shape": "ids", "format": "xlsx"})
    assert load_workbook(io.BytesIO(content_of(response))).active.max_row == len(rows) + 1
    assert response["Content-Disposition"].startswith('attachment; filename="idlink-links-')


def test_what_is_chosen_wrongly_is_said_beside_the_form(world, admin):
    business = world.page.business.pk
    for wrong in (
        {"since": "soon"},
        {"state": "certain"},
        {"asset": "app:999999"},
        {"business": 999999},
        {"shape": "x"},
    ):
        chosen = {"business": business, "shape": "ids", "format": "csv", **wrong}
        response = admin.get(reverse(LINKS), chosen)
        assert response.status_code == 400, wrong
        assert "Download CSV" in text(response)
    assert admin.get(reverse(LINKS), {"business": business, "shape": "ids", "format": "exe"}).status_code == 404


def test_too_many_links_for_a_sheet_are_refused(run, world, admin, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 3)

    response = admin.get(reverse(LINKS), {"business": world.page.business.pk, "shape": "ids", "format": "xlsx"})

    assert response.status_code == 400
    assert "Download it as CSV instead" in text(response)


def test_another_business_can_t_be_exported(run, world, admin):
    other = store(2)
    theirs = other.business

    chosen = {"business": theirs.pk, "shape": "ids", "format": "csv"}
    assert admin.get(reverse(LINKS), chosen).status_code == 400
    mine = {**chosen, "business": world.page.business.pk, "asset": f"app:{theirs.apps.get().pk}"}
    assert admin.get(reverse(LINKS), mine).status_code == 400
    assert "Many" not in text(admin.get(reverse(LINKS)))
    for what in ("results", "rejects", "undo"):
        assert admin.get(address(other, what)).status_code == 404


def test_who_belongs_to_no_business_is_told_so(db):
    make_business("Alone")
    client = Client()
    client.force_login(make_user("nobody"))

    assert "not a member of any business" in text(client.get(reverse(LINKS)))


def test_links_in_conflict_are_marked(run, world, admin):
    match = Match.objects.first()
    Conflict.objects.create(
        business=run.business, kind="one_way", one=match.source, other=match.target, found_at=timezone.now()
    )

    rows = links(admin, business=run.business_id, state="in conflict")

    assert {match.source.value, match.target.value} <= {row["scoped ID"] for row in rows}
    assert {row["in conflict"] for row in rows} == {"in conflict"}


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
    client = member(world, role)

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
