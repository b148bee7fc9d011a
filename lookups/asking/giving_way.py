"""Bulk work lets people go first where both need the same lock: it waits a moment before it records."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from lookups.models import Lane, Lookup, State

MOST_SECONDS = 1.0  # a moment; lists must go on beside the busiest staff, too
YOUNG = timedelta(seconds=5)  # who has waited for longer does not wait for the lock
_LOOK_EVERY = 0.02


def give_way(lookup: Lookup) -> None:
    """Before bulk work is recorded, wait for a moment at most while a lookup that was just pressed is under way."""
    end = time.monotonic() + MOST_SECONDS
    while lookup.lane == Lane.BULK and _somebody_waits(lookup.business_id) and time.monotonic() < end:
        time.sleep(_LOOK_EVERY)


def _somebody_waits(business_pk: int) -> bool:
    pressed = Lookup.objects.filter(lane=Lane.STAFF, state__in=(State.WAITING, State.CLAIMED))
    pressed = pressed.filter(created_at__gt=timezone.now() - YOUNG)
    if connection.vendor != "sqlite":  # where one writer locks everybody, whoever's lookup it is
        pressed = pressed.filter(business=business_pk)
    return pressed.exists()
