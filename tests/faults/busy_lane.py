"""A worker with more to do than it can: each turn takes half a second and leaves work. As a program, its sweeps.

`celery -A tests.faults.busy_lane worker` is the worker; `python -m tests.faults.busy_lane SECONDS` wakes it again and
again, five times a second, and prints after each how many messages wait.
"""

import json
import sys
import time
from datetime import datetime

import django
from celery.signals import worker_ready

from idlink.celery import app

django.setup()
app.autodiscover_tasks(force=True)
worker_ready.receivers = []  # it has no database

from lookups import tasks  # noqa: E402  (after the setup)
from lookups.asking import resolver  # noqa: E402
from lookups.tasks import waking  # noqa: E402


def _take_half_a_second(now: datetime) -> int:
    print("a turn", flush=True)
    time.sleep(0.5)
    return 1


class _NoSigns:
    """In place of signs of life, which are rows."""

    @staticmethod
    def beat(*told: object) -> None: ...


waking.Heartbeat = _NoSigns
waking.work_lists = _take_half_a_second
resolver.resolve_turn = lambda lane, **how: 0


def sweep_for(seconds: float) -> list[int]:
    """Wake the lane like so many sweeps; gives how many messages waited after each."""
    waited, end = [], time.monotonic() + seconds
    with app.connection_for_read() as connection:
        while time.monotonic() < end:
            tasks.wake("bulk")
            waited.append(connection.default_channel.client.llen("bulk"))
            time.sleep(0.2)
    return waited


if __name__ == "__main__":
    print(json.dumps(sweep_for(float(sys.argv[1]))))
