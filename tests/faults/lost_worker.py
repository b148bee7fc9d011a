"""A worker that loses a part of itself soon after its start: LOSES says which. Its watchdog has little patience.

`celery -A tests.faults.lost_worker worker`. It has no database.
"""

import os
import signal
import time
from typing import Any

import django
from celery.signals import worker_ready

from idlink import watchdog
from idlink.celery import app

django.setup()
app.autodiscover_tasks(force=True)
worker_ready.receivers = []
watchdog.LOOK_SECONDS, watchdog.PATIENCE = 0.2, 3.0


def lose_pool(consumer: Any) -> None:
    """Kill the pool's processes; billiard starts no others."""
    pool = consumer.pool._pool
    pool._maintain_pool = pool.maintain_pool = consumer.pool.maintain_pool = lambda *_: None
    for process in pool._pool:
        os.kill(process.pid, signal.SIGKILL)


def lose_consumer(consumer: Any) -> None:
    """Let the loop that takes messages stand still."""
    consumer.timer.call_after(1, time.sleep, (60,))


def lose_nothing(consumer: Any) -> None:
    """Stay well."""


PARTS = {"pool": lose_pool, "consumer": lose_consumer, "nothing": lose_nothing}


@worker_ready.connect
def _lose(sender: Any, **_: Any) -> None:
    PARTS[os.environ["LOSES"]](sender)
