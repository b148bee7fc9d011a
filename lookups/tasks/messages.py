"""Send messages that wake workers. A message may get lost, because the database says what to do."""

import logging
from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


ROUND = 600  # seconds between two rounds of checks


def until_swept() -> int:
    """Give how many seconds a message stays valid if every sweep sends it anew.

    Messages that busy workers do not reach expire, so they do not pile up in the queue.
    """
    return settings.IDLINK_MESSAGE_SECONDS


def send(task: Any, arguments: dict[str, Any], lane: str, *, expires: int | None = None) -> None:
    """Send a message that is void after `expires` seconds. If it is lost, the next round finds the work again."""
    down = False
    try:
        task.apply_async(kwargs=arguments, queue=lane, retry=False, expires=expires)
    except (OperationalError, OSError):  # a broker that uses files raises OSError
        down = True
    if down:
        logger.warning("The broker does not answer; the next sweep will see to it.")
