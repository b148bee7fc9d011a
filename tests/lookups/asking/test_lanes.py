"""Every kind of work has its lane: neither people nor upkeep wait behind lists, whoever of the workers is away."""

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.utils import timezone

from lookups import tasks
from lookups.asking import probes
from lookups.asking.starting import ask_about
from lookups.lists import feeding
from lookups.models import PARTS, UPKEEP, Heartbeat, Lane, Lookup, PolicyReview
from lookups.tasks import messages
from tests.lookups.list_runs import make_list

pytestmark = [pytest.mark.django_db, pytest.mark.orm]
PSID, OTHER_PSID = "12345123", "77001234567"
DATABASE_ONLY_AND_LONG = {"refresh", "count_freshness", "remove_old_lists"}


@pytest.fixture
def sent(monkeypatch) -> list[tuple[str, str]]:
    """Messages as they are sent: which task, in which lane."""
    found: list[tuple[str, str]] = []

    def send(task, arguments, lane, *, expires=None) -> None:
        found.append((task.name, lane))

    for module in ("waking", "tokens", "lists", "freshness", "sweeping"):
        monkeypatch.setattr(f"lookups.tasks.{module}.send", send)
    assert messages.send is not send
    return found


def all_seen() -> None:
    for name in PARTS:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def test_what_starts_by_the_clock_is_upkeep_unless_it_works_in_the_database_for_long():
    lanes = {name: schedule["options"]["queue"] for name, schedule in project.CELERY_BEAT_SCHEDULE.items()}

    assert {name for name, lane in lanes.items() if lane == Lane.BULK} == DATABASE_ONLY_AND_LONG
    assert {lane for name, lane in lanes.items() if name not in DATABASE_ONLY_AND_LONG} == {UPKEEP}


def test_checks_of_tokens_and_owners_are_upkeep_whoever_asks_for_them(world, sent):
    tasks.check_soon(1, by_hand=True)
    tasks.check_owner_soon(1)
    tasks.take_new_secret_soon(1)
    tasks.check_tokens()
    tasks.check_owners()

    assert len(sent) > 4
    assert {lane for _, lane in sent} == {UPKEEP}


def test_a_probe_of_a_list_under_review_waits_behind_no_list(world):
    now = timezone.now() - timedelta(hours=8)
    facts = {"opened_at": now, "last_answer_at": now, "next_probe_at": now, "message": "m"}
    review = PolicyReview.objects.create(business=world.page.business, **facts)
    make_list(world.page, PSID)
    feeding.feed(timezone.now())
    assert Lookup.objects.get().lane == Lane.BULK

    assert probes.send_probe(review, now=timezone.now())

    assert Lookup.objects.askable(Lane.STAFF, timezone.now()).get().is_probe


def test_the_sweep_wakes_bulk_workers_for_people_whom_nobody_has_served(world, sent):
    all_seen()
    tasks.sweep()
    assert sent == []

    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    tasks.sweep()

    assert sorted(lane for _, lane in sent) == [Lane.BULK, Lane.STAFF]


@pytest.mark.parametrize("lane", Lane.values)
def test_the_sweep_wakes_who_was_silent_and_the_turn_shows_a_sign_of_life(world, sent, lane):
    all_seen()
    Heartbeat.objects.filter(name=lane).update(at=timezone.now() - timedelta(hours=1))

    tasks.sweep()
    assert sent == [("lookups.resolve_waiting", lane)]
    tasks.resolve_waiting(lane=lane)

    assert Heartbeat.was_seen(lane, timezone.now())


def test_lookups_that_stand_are_told_until_some_are_asked(world, sent):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    tasks.sweep()
    since = Heartbeat.standing()
    tasks.sweep()
    assert list(since) == [Lane.STAFF]
    assert Heartbeat.standing() == since

    tasks.resolve_waiting(lane=Lane.STAFF)

    assert Heartbeat.standing() == {}


def test_the_sweep_alone_shows_that_upkeep_lives(world, sent):
    tasks.sweep()

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {UPKEEP}
