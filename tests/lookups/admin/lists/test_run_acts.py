"""What can be done to a run by its buttons, and by whom."""

import re

import pytest
from django.test import Client

from businesses.models import Role
from tests.lookups.admin.lists.runs import JOHN, LISTS, NOBODY, State, act, polled, with_file
from tests.lookups.list_runs import make_list, work
from tests.makers import make_business, make_user
from tests.pages import member, text_of


def test_start_pause_go_on_and_cancel_by_their_buttons(world, staff):
    run = make_list(world.page, JOHN, NOBODY, state=State.READY)
    with_file(run)

    act(staff, run, "start")
    assert (run.state, str(run.changed_by)) == (State.GOING, "a staff")
    act(staff, run, "pause")
    assert "paused by a staff" in text_of(staff.get(run.address))
    act(staff, run, "go-on")
    assert run.state == State.GOING
    sure = text_of(staff.get(f"{LISTS}{run.pk}/cancel/"))
    assert "Rows not asked yet, now 2, are counted as refused" in sure
    assert "stay, with all links and people" in sure
    act(staff, run, "cancel")
    assert "cancelled by a staff" in text_of(staff.get(run.address))


def test_what_failed_is_tried_again_by_a_button(world, staff):
    run = make_list(world.page, NOBODY, "998", state=State.READY)
    act(staff, run, "start")
    work(run)
    assert "Try refused and failed again" in text_of(staff.get(run.address))

    said = text_of(act(staff, run, "retry"))

    assert "Tried again: 2." in said
    assert run.state == State.GOING


@pytest.mark.parametrize("name", ["start", "pause", "go-on", "retry", "cancel", "discard"])
def test_what_a_run_is_in_no_state_for_is_refused_in_words(world, staff, name):
    run = make_list(world.page, state=State.DONE)

    said = text_of(act(staff, run, name))

    assert re.search("This one is: done|nothing to try again|has ended already", said)
    assert run.state == State.DONE


@pytest.mark.parametrize("name", ["start", "pause", "go-on", "retry"])
def test_reading_an_address_changes_nothing(world, staff, name):
    run = make_list(world.page, JOHN, state=State.READY)

    assert staff.get(f"{LISTS}{run.pk}/{name}/").status_code == 405
    for sure in ("cancel", "discard"):
        staff.get(f"{LISTS}{run.pk}/{sure}/")
    run.refresh_from_db()
    assert run.state == State.READY


def test_viewers_see_runs_but_change_none(world):
    run = make_list(world.page, JOHN, state=State.GOING)
    viewer = member(world.page.business, Role.VIEWER)

    page = text_of(viewer.get(run.address))

    assert "0 of 1 done" in page
    assert "Pause" not in page
    for name in ("start", "pause", "go-on", "retry", "cancel", "discard"):
        assert viewer.post(f"{LISTS}{run.pk}/{name}/").status_code == 404
    assert viewer.get(f"{LISTS}{run.pk}/cancel/").status_code == 404
    run.refresh_from_db()
    assert run.state == State.GOING


def test_a_run_of_another_business_is_not_there(world):
    run = make_list(world.page, JOHN)
    stranger = Client()
    stranger.force_login(make_user("bob", make_business("Other"), role=Role.ADMIN))

    for path in ("change", "rows", "columns", "cancel", "discard"):
        assert stranger.get(f"{LISTS}{run.pk}/{path}/").status_code == 404, path
    for name in ("start", "pause", "go-on", "retry", "cancel", "discard", "columns"):
        assert stranger.post(f"{LISTS}{run.pk}/{name}/").status_code == 404, name
    assert polled(stranger, run).status_code == 404
    for odd in ("x", "1e3", "9" * 30, "-1"):
        assert stranger.get(f"{LISTS}{odd}/change/").status_code == 404
