"""Schedules: edited ones survive a restart, the sweep can't be lost, a clock put back stops nothing."""

import itertools
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.conf import settings as project
from django.db import OperationalError
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from idlink.beat import ScheduleEntry, Scheduler, store_schedules
from idlink.celery import app
from lookups.models import BEAT, Heartbeat

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch) -> None:
    """The scheduler closes old connections; here that would be the one of the test's transaction."""
    monkeypatch.setattr("django_celery_beat.schedulers.close_old_connections", lambda: None)
    monkeypatch.setattr("django_celery_beat.schedulers.transaction.commit", lambda: None)


def start() -> Scheduler:
    """The scheduler as beat starts it."""
    return Scheduler(app=app)


def test_all_schedules_of_the_settings_are_there_after_the_first_start():
    scheduler = start()

    assert set(scheduler.schedule) == set(project.CELERY_BEAT_SCHEDULE) >= {"sweep", "refresh", "count_freshness"}
    app.loader.import_default_modules()
    assert {entry.task for entry in scheduler.schedule.values()} <= set(app.tasks)


def test_messages_that_nobody_takes_expire_and_go_to_their_lane():
    entry = start().schedule["refresh"]

    assert entry.options["queue"] == "bulk"
    assert entry.options["expires"] == 60


def test_what_was_edited_survives_a_restart():
    start()
    every, _ = IntervalSchedule.objects.get_or_create(every=2, period="hours")
    PeriodicTask.objects.filter(name="refresh").update(interval=every, enabled=False)

    start()

    task = PeriodicTask.objects.get(name="refresh")
    assert (task.interval.every, task.interval.period, task.enabled) == (2, "hours", False)


def test_the_sweep_comes_back_whatever_became_of_it():
    start()
    PeriodicTask.objects.filter(name="sweep").update(enabled=False)
    assert "sweep" in start().schedule

    PeriodicTask.objects.all().delete()
    IntervalSchedule.objects.all().delete()
    assert start().schedule["sweep"].schedule.seconds == project.IDLINK_SWEEP_SECONDS


def test_the_sweep_follows_the_settings():
    start()

    store_schedules({"sweep": {"task": "lookups.sweep", "schedule": 7}})

    assert PeriodicTask.objects.get(name="sweep").interval.every == 7


def test_a_clock_put_back_stops_no_schedule_for_longer_than_its_interval():
    start()
    PeriodicTask.objects.filter(name="refresh").update(last_run_at=timezone.now() + timedelta(hours=1))
    entry = ScheduleEntry(PeriodicTask.objects.get(name="refresh"), app=app)

    assert entry.is_due().next <= 60
    assert entry.last_run_at <= timezone.now()


class Hands:
    """The hands of a clock that a test moves: it goes by itself, or is set."""

    def __init__(self, monkeypatch) -> None:
        self.begun, self.gone, self.put = timezone.now(), 0.0, timedelta()
        monkeypatch.setattr("idlink.beat.time", SimpleNamespace(time=self.seconds, monotonic=lambda: self.gone))
        monkeypatch.setattr("django_celery_beat.models.now", self.now)
        monkeypatch.setattr(ScheduleEntry, "_default_now", lambda _: self.now())

    def now(self) -> datetime:
        return self.begun + timedelta(seconds=self.gone) + self.put

    def seconds(self) -> float:
        return self.now().timestamp()


@pytest.mark.parametrize("hours", [-1, 1, -24])
def test_a_clock_that_is_set_while_beat_runs_stops_no_sweep(monkeypatch, hours):
    hands, sent = Hands(monkeypatch), []
    scheduler = start()
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer: sent.append((entry.name, hands.gone)))

    def run_for(seconds: float) -> None:
        until = hands.gone + seconds
        while hands.gone < until:
            hands.gone += max(scheduler.tick(), 0.01)

    run_for(60)
    hands.put = timedelta(hours=hours)
    run_for(60)
    scheduler.sync()  # else it would be done at the end of the process, without a database

    sweeps = [at for name, at in sent if name == "sweep"]
    pauses = [later - at for at, later in itertools.pairwise(sweeps)]
    assert max(pauses) < 3 * project.IDLINK_SWEEP_SECONDS  # at a clock put back the interval begins anew
    assert min(pauses[1:]) > project.IDLINK_SWEEP_SECONDS / 2
    assert 120 - sweeps[-1] < 3 * project.IDLINK_SWEEP_SECONDS


def test_what_was_missed_while_beat_was_down_runs_once():
    start()
    PeriodicTask.objects.filter(name="refresh").update(last_run_at=timezone.now() - timedelta(hours=5))
    entry = ScheduleEntry(PeriodicTask.objects.get(name="refresh"), app=app)

    assert entry.is_due().is_due
    assert not next(entry).is_due().is_due


def test_beat_shows_that_it_lives_though_no_worker_does_and_survives_a_database_that_is_away(monkeypatch, caplog):
    scheduler = start()
    monkeypatch.setattr(scheduler, "apply_entry", lambda entry, producer: None)
    scheduler.tick()
    assert Heartbeat.was_seen(BEAT, timezone.now())

    monkeypatch.setattr(Heartbeat, "beat", Mock(side_effect=OperationalError("hush")))
    monkeypatch.setattr(scheduler, "_next_sign", 0.0)
    scheduler.tick()
    scheduler.sync()

    assert "Beat could not write its sign of life: OperationalError" in caplog.text
    assert "hush" not in caplog.text


def test_a_schedule_of_an_older_installation_moves_to_its_lane():
    start()
    PeriodicTask.objects.filter(name="check_tokens").update(queue="bulk")

    start()

    assert PeriodicTask.objects.get(name="check_tokens").queue == "upkeep"
