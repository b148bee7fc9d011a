"""Messages to workers: wake-ups that may get lost, since the rows say what is to be done."""

import logging
from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


ROUND = 600  # seconds between two rounds of checks


def until_swept() -> int:
    """Give how many seconds a message is worth something that every sweep sends anew.

    So what busy workers don't get to does not pile up in the queue.
    """
    return 4 * settings.IDLINK_SWEEP_SECONDS


def send(task: Any, arguments: dict[str, Any], lane: str, *, expires: int | None = None) -> None:
    """Send a message that may get lost, and is void after `expires` seconds: the next round finds it anew."""
    down = False
    try:
        task.apply_async(kwargs=arguments, queue=lane, retry=False, expires=expires)
    except (OperationalError, OSError):  # a broker of files fails with the latter
        down = True
    if down:
        logger.warning("The broker does not answer; the next sweep will see to it.")
