"""The scheduler: schedules live in the database, where superusers edit them; the settings give what is there first.

django-celery-beat's own scheduler writes the settings over the rows at every start, and trusts the clock.
"""

import time
from datetime import datetime
from typing import Any

from celery.utils.time import maybe_make_aware
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

REQUIRED_SCHEDULES = ("sweep",)  # without it nothing goes on by itself
JUMP_SECONDS = 2.0  # a clock that is only kept right moves by less


class ScheduleEntry(ModelEntry):
    """A schedule that goes on when the clock is put back, rather than waiting for the old time to come again."""

    last_run_at: datetime

    def is_due(self) -> Any:
        """Tell whether to run now, and when to look again."""
        now = self._default_now()
        if maybe_make_aware(self.last_run_at) > now:
            self.last_run_at = self.model.last_run_at = now
        return super().is_due()


class Scheduler(DatabaseScheduler):
    """Adds schedules that are missing and leaves the others as they were edited, but for the required ones."""

    Entry = ScheduleEntry
    _started_at: float | None = None

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Send what is due; when the clock has been set meanwhile, all plans are made anew by the new one.

        Celery's are moments of the day: after a clock was put back an hour it would send nothing for an hour.
        """
        started_at = time.time() - time.monotonic()
        if self._started_at is not None and abs(started_at - self._started_at) > JUMP_SECONDS:
            self._heap, self._initial_read = None, True
        self._started_at = started_at
        return super().tick(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Called once, at the start."""
        store_schedules(self.app.conf.beat_schedule)


def store_schedules(schedules: dict[str, dict[str, Any]]) -> None:
    """Store schedules as the settings name them; a required one is put right, others keep what was edited."""
    for name, settings in schedules.items():
        options = dict(settings.get("options", {}))
        options["expire_seconds"] = options.pop("expires", None)
        columns = ScheduleEntry._unpack_fields(**{**settings, "options": options})
        if name in REQUIRED_SCHEDULES:
            PeriodicTask.objects.update_or_create(name=name, defaults={**columns, "enabled": True})
        else:
            PeriodicTask.objects.get_or_create(name=name, defaults=columns)
