"""The scheduler. The settings name the first schedules; the database holds them, and superusers edit them there.

django-celery-beat's own scheduler would overwrite the edited rows with the settings at every start, and would stand
still when somebody puts the clock back.
"""

import logging
import time
from datetime import datetime
from typing import Any

from celery.utils.time import maybe_make_aware
from django.conf import settings as project
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from idlink.outages import database_is_away
from lookups.models import BEAT, Heartbeat

logger = logging.getLogger(__name__)

REQUIRED_SCHEDULES = ("sweep",)  # without it nothing goes on by itself
AWAY_SECONDS = 1.0  # until the next look whether the database is there again
JUMP_SECONDS = 2.0  # seconds; ordinary corrections move a clock by less


class ScheduleEntry(ModelEntry):
    """A schedule that goes on at once when the clock is put back, and does not wait for the old time to come again."""

    last_run_at: datetime

    def is_due(self) -> Any:
        """Tell whether this schedule runs now, and when to look again."""
        now = self._default_now()
        if maybe_make_aware(self.last_run_at) > now:
            self.last_run_at = self.model.last_run_at = now
        return super().is_due()


class Scheduler(DatabaseScheduler):
    """Adds the schedules that are missing, resets the required ones, and keeps all others as people edited them."""

    Entry = ScheduleEntry
    _started_at: float | None = None
    _next_sign = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send the tasks that are due. If somebody has set the clock, first plan all tasks anew.

        Celery plans by the time of day: after the clock is put back an hour, it would send nothing for an hour.
        """
        started_at = time.time() - time.monotonic()
        if self._started_at is not None and abs(started_at - self._started_at) > JUMP_SECONDS:
            self._heap, self._initial_read = None, True
        self._started_at = started_at
        if database_is_away():
            return AWAY_SECONDS  # nobody could work on what is sent, and each look at the schedules would be an error
        self._show_a_sign()
        return super().tick(*args, **kwargs)

    def _show_a_sign(self) -> None:
        """Record that beat lives: not by a task of its own, which would tell nothing while workers are away."""
        if time.monotonic() < self._next_sign:
            return
        self._next_sign = time.monotonic() + project.IDLINK_SWEEP_SECONDS
        failure = ""
        try:
            Heartbeat.beat(BEAT, timezone.now())
        except (DatabaseError, InterfaceError) as error:
            failure = type(error).__name__
        if failure:
            logger.warning("Beat could not write its sign of life: %s", failure)

    def setup_schedule(self) -> None:
        """Store the schedules of the settings; Celery calls this once, at the start."""
        store_schedules(self.app.conf.beat_schedule)


def store_schedules(schedules: dict[str, dict[str, Any]]) -> None:
    """Store the schedules of the settings. A required schedule is reset; any other that exists stays as it is."""
    for name, settings in schedules.items():
        options = dict(settings.get("options", {}))
        options["expire_seconds"] = options.pop("expires", None)
        columns = ScheduleEntry._unpack_fields(**{**settings, "options": options})
        if name in REQUIRED_SCHEDULES:
            PeriodicTask.objects.update_or_create(name=name, defaults={**columns, "enabled": True})
        else:
            stored, _ = PeriodicTask.objects.get_or_create(name=name, defaults=columns)
            PeriodicTask.objects.filter(pk=stored.pk).update(queue=columns["queue"])  # nobody edits the lane
