"""`/health/`: whether the database answers and the background processes work. Open to all; it tells no secret."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from lookups.models import Heartbeat

SILENT_AFTER = timedelta(seconds=max(20, 12 * settings.IDLINK_SWEEP_SECONDS))  # each sweep stores a sign of life
PROCESSES = ("worker", "beat")


def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while all parts work, else 503. The body names each part, and when it last showed a sign of life."""
    beats, database = {}, True
    try:
        beats = {beat.name: beat.at for beat in Heartbeat.objects.filter(name__in=PROCESSES)}
    except DatabaseError:
        database = False
    now = timezone.now()
    # A sign of life can lie in the future, after somebody has put the clock back. It says nothing about now.
    parts = {name: name in beats and abs(now - beats[name]) < SILENT_AFTER for name in PROCESSES}
    seen = {name: at.isoformat() for name, at in beats.items()}
    well = database and all(parts.values())
    body = {"well": well, "database": database, **parts, "seen": seen}
    return JsonResponse(body, status=200 if well else 503)
