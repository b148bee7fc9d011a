"""`/health/`: whether work goes on, whether it is late, and what is missing. Open to all; it tells no secret."""

import logging
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from idlink.database import write_lock_is_free
from lookups.models import BEAT, PARTS, UPKEEP, UPLOADS, Heartbeat, Lane

logger = logging.getLogger(__name__)
SILENT_AFTER = timedelta(seconds=max(20, 12 * settings.IDLINK_SWEEP_SECONDS))  # each sweep sees to signs of life
LATE_AFTER = {
    Lane.STAFF: timedelta(seconds=15),
    Lane.BULK: timedelta(seconds=60),
    UPKEEP: timedelta(seconds=max(5, 4 * settings.IDLINK_SWEEP_SECONDS)),
}


class Turns:
    """Logs when an installation turns out not to be well, and when it is well again; nothing in between.

    Each process of the web server tells what it was asked.
    """

    def __init__(self) -> None:
        self._was_well, self._lock = True, Lock()

    def seen(self, told: dict[str, Any]) -> None:
        """Compare what health tells with what it told before."""
        with self._lock:
            before, self._was_well = self._was_well, told["well"]
        if before and not told["well"]:
            logger.warning("/health/ answers 503 from now on: %s.", _reason(told))
        elif told["well"] and not before:
            logger.warning("/health/ answers 200 again.")


turns = Turns()


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while nothing is missing, else 503; lateness alone is no reason for 503."""
    told = _told(timezone.now())
    turns.seen(told)
    return JsonResponse(told, status=200 if told["well"] else 503)


def _reason(told: dict[str, Any]) -> str:
    if not told["database"]:
        return "the database does not answer"
    return "the database is busy" if told["busy"] else f"missing: {', '.join(told['missing'])}"


def _told(now: datetime) -> dict[str, Any]:
    try:
        seen = dict(Heartbeat.objects.filter(name__in=PARTS).values_list("name", "at"))
        standing = Heartbeat.standing()
        late = _late({UPKEEP: seen.get(UPKEEP, now), **standing}, now)
        is_busy = UPKEEP in late and not write_lock_is_free()
    except (DatabaseError, InterfaceError):
        return {"well": False, "database": False, "goes_on": False}
    parts = _parts(seen, now, is_busy=is_busy)
    stands_still = any(now - since >= SILENT_AFTER for since in standing.values())
    missing = [name for name, is_there in parts.items() if is_there is False]
    well = not (missing or is_busy)
    body = {"well": well, "database": True, "busy": is_busy, "goes_on": not (is_busy or stands_still), "late": late}
    return body | {"missing": missing, **parts, "seen": {name: at.isoformat() for name, at in seen.items()}}


def _late(since: dict[str, datetime], now: datetime) -> dict[str, int]:
    """Give for how many seconds lookups of a lane have been due without any that was asked, or the sweep is overdue."""
    return {name: round((now - at).total_seconds()) for name, at in since.items() if now - at >= LATE_AFTER[name]}


def _parts(seen: dict[str, datetime], now: datetime, *, is_busy: bool) -> dict[str, bool | None]:
    """Tell of each part whether it is there; None if nobody can know.

    Beat sends the sweep to upkeep, and the sweep wakes workers that have shown no sign. So if one of the two is
    missing, the silence of those behind it tells nothing; nor does any silence while nobody can write.
    """
    # A sign of life can lie in the future, after somebody has put the clock back. It says nothing about now.
    alive = {name: name in seen and abs(now - seen[name]) < SILENT_AFTER for name in PARTS}
    silence: bool | None = None if is_busy else False
    parts: dict[str, bool | None] = {}
    for name in (BEAT, UPKEEP):
        parts[name] = alive[name] or silence
        silence = silence if alive[name] else None
    return parts | {name: alive[name] or silence for name in (*Lane.values, UPLOADS)}
