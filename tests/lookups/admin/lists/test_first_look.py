"""An uploaded file is looked at by a worker: the page waits, leads on, says what is wrong, and opens no file itself."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from businesses.models import AppSecret, Role
from lookups import tasks
from lookups.lists.imports import confined
from lookups.models import ListFile, Run
from lookups.tasks import uploads
from tests.lookups.admin.lists.runs import JOHN, State, act, polled
from tests.lookups.admin.lists.sending import NEW, csv, read, ready, send_in, upload
from tests.lookups.lists.imports.lists import as_xlsx
from tests.pages import member, text_of


@pytest.fixture
def staff(world):
    return member(world.page.business, Role.STAFF)


@pytest.fixture
def sent(monkeypatch):
    """The queues to which messages went, instead of a broker."""
    queues = []
    monkeypatch.setattr(uploads, "send", lambda task, arguments, lane, **more: queues.append((task.name, lane)))
    return queues


def test_the_page_waits_for_the_look_and_leads_on_to_the_columns(staff):
    run = send_in(staff, "psid", JOHN)

    assert "first rows are looked at" in text_of(staff.get(run.address))
    assert "first rows are looked at" in text_of(polled(staff, run))
    read(run)

    assert polled(staff, run, seen=State.READING).headers["HX-Redirect"] == run.columns_address
    assert run.columns_address in staff.get(run.address).content.decode(), "without script a reload shows the way"


def test_whoever_sends_a_file_comes_to_its_columns_however_soon_it_was_looked_at(staff):
    run = send_in(staff, "psid", JOHN)

    assert "first rows are looked at" in text_of(staff.get(run.columns_address))
    read(run)
    assert "Column with the IDs" in text_of(staff.get(run.columns_address))
    staff.post(run.columns_address, {"header": "1", "id_column": "0", "asset": run.business.assets.first().pk})
    assert staff.get(run.columns_address).url == run.address, "named already: it is being read"


def test_whoever_may_not_name_columns_is_not_led_there(world, staff):
    run, viewer = upload(staff, "psid", JOHN), member(world.page.business, Role.VIEWER)

    assert polled(viewer, run, seen=State.READING).headers["HX-Refresh"] == "true"


def test_a_look_that_is_long_in_coming_is_said(staff):
    run = send_in(staff, "psid", JOHN)
    Run.objects.update(created_at=run.created_at - timedelta(minutes=2))

    assert "waited for more than a minute" in text_of(staff.get(run.address))


def test_what_a_worker_can_not_read_is_said_on_the_page(staff):
    run = read(send_in(staff, "", ""))

    assert run.state == State.REFUSED
    assert "There is nothing in the list" in text_of(staff.get(run.address))
    assert ListFile.objects.get(run=run).removed_at


def test_no_page_opens_the_file(world, staff, monkeypatch):
    run = upload(staff, "psid", JOHN)
    run.list_file.path.unlink()
    monkeypatch.setattr(confined.os, "fork", None)

    assert JOHN in staff.get(run.columns_address).content.decode()
    assert staff.post(run.columns_address, {"id_column": "0", "asset": world.page.pk, "header": "1"}).url == run.address


@pytest.mark.parametrize("cancelled", [False, True])
def test_no_download_opens_a_file_that_was_not_read(world, staff, cancelled):
    run = send_in(staff, "psid,note", f"{JOHN},only in the file")
    if cancelled:
        act(staff, run, "cancel")
    told = staff.get(reverse("admin:lookups_run_results", args=[run.pk])).getvalue()
    whole = ready(staff, world, JOHN)

    assert b"only in the file" not in told
    assert b"note" not in told
    assert b"psid" in staff.get(reverse("admin:lookups_run_results", args=[whole.pk])).getvalue()


def test_a_list_that_can_not_be_looked_at_any_more_says_so(staff):
    run = upload(staff, "psid", JOHN)
    ListFile.objects.update(first_look={})

    assert "is not here any more" in text_of(staff.get(run.columns_address, follow=True))


def test_reading_goes_by_a_queue_of_its_own(staff, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = send_in(staff, "psid", JOHN)
    assert sent == [("lookups.read_lists", "uploads")]

    tasks.sweep()
    assert sent == [("lookups.read_lists", "uploads")] * 2, "a lost message is sent anew"

    tasks.read_lists(later="unknown")
    run.refresh_from_db()
    assert run.state == State.MAPPING


def test_a_user_has_only_so_many_lists_that_were_not_started(staff, settings, world):
    settings.IDLINK_LIST_UNFINISHED = 2
    first, _ = upload(staff, "psid", JOHN), send_in(staff, "psid", "1")
    pasted = {"how": "paste", "text": "1", "asset": world.page.pk}

    for form in ({"file": csv("psid", "2")}, pasted):
        response = staff.post(NEW, form)
        assert response.status_code == 400
        assert "You have 2 lists here that were not started" in text_of(response)
    assert Run.objects.count() == ListFile.objects.count() == 2
    assert member(world.page.business, Role.ADMIN).post(NEW, pasted).status_code == 302, "others have their own"

    act(staff, first, "discard")
    assert staff.post(NEW, pasted).status_code == 302


def test_a_secret_of_an_app_is_refused_and_not_given_back_in_the_form(world, staff):
    secret = "0a1b2c3d" * 4
    row = AppSecret.objects.filter(app__business=world.page.business).first()
    row.set_value(secret)
    row.save()

    response = staff.post(NEW, {"how": "paste", "asset": world.page.pk, "text": f"123\n{secret}"})
    run = read(send_in(staff, "psid,note", f"{JOHN},secret={secret}"))

    assert response.status_code == 400
    assert "The 2. of the pasted words is the secret of an app." in text_of(response)
    assert secret not in response.content.decode()
    assert run.state == State.REFUSED
    assert "Line 2, column 2, holds the secret of an app." in run.why
    assert secret not in staff.get(run.address).content.decode()


def test_a_workbook_comes_in_like_any_file(staff):
    staff.post(NEW, {"file": SimpleUploadedFile("x.xlsx", as_xlsx([["psid"], [JOHN]]))})

    run = read(Run.objects.get(list_file__kind="xlsx"))
    assert (run.state, run.list_file.columns) == (State.MAPPING, ["psid"])
