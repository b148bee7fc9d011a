"""The undo of an import as its users meet it; who may do it."""

import pytest
from django.urls import reverse

from businesses.models import Role
from lookups import tasks
from lookups.evidence import undoing
from lookups.evidence.undoing import Stage
from lookups.models import Decision
from tests.lookups.admin.lists.downloads import LIST, address, text
from tests.lookups.imported import imported_file, received
from tests.lookups.people_of_johns import PAGE, PSID, persons, scoped
from tests.pages import member


@pytest.fixture
def run(world):
    return imported_file(world, LIST, graph_id=PAGE)


@pytest.fixture(autouse=True)
def woken(monkeypatch):
    """The runs for whose undo a worker was woken."""
    runs: list[int] = []
    monkeypatch.setattr("lookups.admin.lists.undoing.wake_undoing", runs.append)
    return runs


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


def test_an_undo_is_taken_back_once_and_keeps_its_reason(run, admin):
    admin.post(address(run, "undo"), {"act": "undo", "reason": "x"})
    admin.post(address(run, "undo"), {"act": "take_back", "reason": "The first reason."})

    again = admin.post(address(run, "undo"), {"act": "take_back", "reason": "Another."}, follow=True)

    assert "no undo of this import to take back" in text(again)
    assert Decision.objects.get().undone_reason == "The first reason."


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_only_who_may_decide_undoes(world, run, role):
    client = member(world.page.business, role)

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
