"""Bulk work lets people go first where both need the same lock: it waits a moment before it records."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from lookups.models import Lane, Lookup, State

MOST_SECONDS = 1.0  # a moment; lists must go on beside the busiest staff, too
YOUNG = timedelta(seconds=5)  # who has waited for longer does not wait for the lock
_LOOK_EVERY = 0.02


class Courtesy:
    """Whether the recording of this lookup, and of others with it, should still wait for people."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup, self._end = lookup, time.monotonic() + MOST_SECONDS

    def is_due(self) -> bool:
        """Tell whether this is bulk work, and a lookup that somebody has just pressed is under way."""
        return self._lookup.lane == Lane.BULK and time.monotonic() < self._end and _somebody_waits(self._lookup)

    def wait(self) -> None:
        """Wait while it is due."""
        while self.is_due():
            time.sleep(_LOOK_EVERY)


def _somebody_waits(beside: Lookup) -> bool:
    pressed = Lookup.objects.filter(lane=Lane.STAFF, state__in=(State.WAITING, State.CLAIMED))
    pressed = pressed.filter(created_at__gt=timezone.now() - YOUNG)
    if connection.vendor != "sqlite":  # where one writer locks everybody, whoever's lookup it is
        pressed = pressed.filter(business=beside.business_id)
    return pressed.exists()
