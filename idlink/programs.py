"""What `celery -A idlink worker` and `celery -A idlink beat` run: Celery's programs, which print no banner.

All they say goes through the log, one JSON object a line.
"""

import logging
import time
from typing import Any

from celery import signals
from celery.apps.beat import Beat
from celery.apps.worker import Worker, install_worker_term_handler  # type: ignore[attr-defined]  # only types lack it
from celery.platforms import EX_FAILURE

logger = logging.getLogger(__name__)


class WorkerProgram(Worker):
    """A worker that logs when it is told to stop, and when it has stopped."""

    told_to_stop_at: float | None = None

    def start(self) -> None:
        """Work until told to stop; to end without being told is an error."""
        super().start()
        if self.exitcode is None:
            self.exitcode = EX_FAILURE

    def on_before_init(self, quiet: bool = False, **kwargs: Any) -> None:
        """Print no banner, whatever the command line says."""
        super().on_before_init(quiet=True, **kwargs)

    def install_platform_tweaks(self, worker: Any) -> None:
        """Install the handlers of signals; the one of SIGTERM prints nothing past the log."""
        super().install_platform_tweaks(worker)
        install_worker_term_handler(worker, callback=self._note_the_time, verbose=False)

    def on_stopped(self) -> None:
        """Tell how long it took to stop; Celery calls this when all tasks have ended."""
        super().on_stopped()
        if self.told_to_stop_at is not None:
            logger.info("The worker has stopped %.1f s after it was told to.", time.monotonic() - self.told_to_stop_at)

    def _note_the_time(self, worker: Any) -> None:
        self.told_to_stop_at = self.told_to_stop_at or time.monotonic()


class BeatProgram(Beat):
    """The scheduler."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "quiet": True})


@signals.setup_logging.connect
def _leave_logging_as_it_is(**kwargs: object) -> None:
    """Keep Celery from putting handlers and levels of its own in place: the settings have done that."""
