"""Bulk work gives way to whoever has just pressed a lookup, and helps whom nobody has served."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from lookups.asking import giving_way, resolver
from lookups.asking.starting import ask_about
from lookups.lists import feeding
from lookups.models import Lane, Lookup
from tests.lookups.list_runs import make_list

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PSID, OTHER_PSID = "12345123", "77001234567"
MOMENT = 0.3


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(giving_way, "MOST_SECONDS", MOMENT)


@pytest.fixture
def row(world) -> Lookup:
    """A lookup of a list."""
    make_list(world.page, PSID)
    feeding.feed(timezone.now())
    return Lookup.objects.get()


def press(world, *, seconds_ago: float = 0, asset=None) -> Lookup:
    then = timezone.now() - timedelta(seconds=seconds_ago)
    return ask_about(asset=asset or world.page, value=OTHER_PSID, by=world.user, now=then)


def waited(lookup: Lookup) -> bool:
    began = time.monotonic()
    giving_way.Courtesy(lookup.lane).wait()
    return time.monotonic() - began >= MOMENT


def test_a_list_waits_a_moment_for_whoever_has_just_pressed_and_no_longer(world, row):
    assert not waited(row)

    pressed = press(world)
    assert waited(row)
    assert not waited(pressed), "who waits in front of a browser gives way to nobody"

    Lookup.objects.filter(pk=pressed.pk).update(created_at=timezone.now() - 2 * giving_way.YOUNG)
    assert not waited(row), "it waits for something else than this lock"


def test_it_gives_way_to_people_of_another_business_too(world, row):
    """They need the same processor, and on SQLite the same lock."""
    press(world, asset=world.lab_page)

    assert waited(row)


def test_who_came_while_a_list_waited_for_the_lock_gets_it_first(world, row, sandbox, monkeypatch):
    looks = [False, False, True, False, False]
    monkeypatch.setattr(giving_way, "_somebody_waits", lambda: bool(looks) and looks.pop(0))

    assert resolver.resolve_turn(Lane.BULK, at_once=1) == 1

    row.refresh_from_db()
    assert (row.state, looks) == ("done", []), "the lock was let go once, and taken again"


def test_the_turn_gives_way_before_it_records(world, row, sandbox):
    pressed = press(world)
    began = time.monotonic()

    assert resolver.resolve_turn(Lane.BULK, at_once=1) == 1

    assert time.monotonic() - began >= MOMENT
    pressed.refresh_from_db()
    assert pressed.state == "waiting", "staff's own workers take it sooner"


def test_bulk_workers_take_what_staffs_own_have_left_waiting(world, row, sandbox):
    pressed = press(world, seconds_ago=3)

    assert resolver.resolve_turn(Lane.BULK, at_once=1, most=1) == 1

    pressed.refresh_from_db()
    assert pressed.state == "done"
