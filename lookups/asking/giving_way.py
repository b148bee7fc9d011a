"""Bulk work lets people go first, to the lock and to the processor: it waits a moment before it claims or records."""

import time
from datetime import timedelta

from django.utils import timezone

from lookups.models import Lane, Lookup, State

MOST_SECONDS = 1.0  # a moment; lists must go on beside the busiest staff, too
YOUNG = timedelta(seconds=5)  # who has waited for longer does not wait for this
_LOOK_EVERY = 0.02


class Courtesy:
    """Whether work of a lane should still wait for people."""

    def __init__(self, lane: str, *, most: float = 0) -> None:
        self._is_bulk, self._end = lane == Lane.BULK, time.monotonic() + (most or MOST_SECONDS)

    def is_due(self) -> bool:
        """Tell whether this is bulk work, and a lookup that somebody has just pressed is under way."""
        return self._is_bulk and time.monotonic() < self._end and _somebody_waits()

    def wait(self) -> None:
        """Wait while it is due."""
        while self.is_due():
            time.sleep(_LOOK_EVERY)


def _somebody_waits() -> bool:
    pressed = Lookup.objects.filter(lane=Lane.STAFF, state__in=(State.WAITING, State.CLAIMED))
    return pressed.filter(created_at__gt=timezone.now() - YOUNG).exists()
