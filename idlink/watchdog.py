"""Ends a worker that works no more, so that whoever supervises it starts it again.

A thread beside the worker looks every few seconds. A worker that only waits for its broker is well.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.bootsteps import RUN  # type: ignore[attr-defined]  # only its types lack it

LOOK_SECONDS = 5.0
PATIENCE = 60.0  # seconds; longer than a reading from a broker that says nothing may take
EXIT_STATUS = 1

logger = logging.getLogger(__name__)
Symptom = Callable[[Any], object]  # of a worker; the same thing at each look means that nothing moves; None: well


class Watchdog(bootsteps.StartStopStep):
    """A part of each worker, started before it takes messages."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self._ticks = 0
        self._seen: dict[str, tuple[object, float]] = {}
        self._symptoms: dict[str, Symptom] = {
            "no process of its pool lives": _without_pool,
            "it takes no messages": self._stuck,
            "it failed and does not end": _failed,
        }

    def start(self, worker: Any) -> None:
        """Begin to look."""
        threading.Thread(target=self._watch, args=(worker,), name="watchdog", daemon=True).start()

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Count the rounds of the loop that takes messages; Celery calls this for each connection to the broker."""
        hub.timer.call_repeatedly(LOOK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._ticks += 1

    def _watch(self, worker: Any) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            for name, symptom in self._symptoms.items():
                if self._lasts(name, symptom(worker)):
                    logger.critical("The worker ends: for %.0f s %s.", PATIENCE, name)
                    logging.shutdown()
                    os._exit(EXIT_STATUS)  # what failed may hold up an orderly end, too

    def _lasts(self, name: str, sign: object) -> bool:
        """Tell whether the same sign was seen at all looks for too long."""
        now = time.monotonic()
        seen, since = self._seen.get(name, (None, now))
        self._seen[name] = (sign, since if sign is not None and sign == seen else now)
        return sign is not None and now - self._seen[name][1] > PATIENCE

    def _stuck(self, worker: Any) -> object:
        """Tell the connection and the rounds made; None without a connection, or for a broker of files (no loop)."""
        connection = getattr(getattr(worker, "consumer", None), "connection", None)
        takes = connection and worker.hub and worker.blueprint.state == RUN  # else it ends its tasks and stops
        return (id(connection), self._ticks) if takes else None


def _without_pool(worker: Any) -> object:
    processes = getattr(getattr(worker.pool, "_pool", None), "_pool", None)
    return None if processes is None or any(one.exitcode is None for one in processes) else "dead"


def _failed(worker: Any) -> object:
    return worker.exitcode or None
