"""Wake workers, which resolve waiting lookups one turn after the other."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from lookups.asking import holds, resolver
from lookups.models import Heartbeat, Lane
from lookups.tasks.lists import work_lists
from lookups.tasks.messages import send, until_swept


def wake(lane: str = Lane.STAFF) -> None:
    """Wake the workers of a lane. Never waits for a broker that is down: the next sweep wakes them."""
    send(resolve_waiting, {"lane": lane}, lane, expires=until_swept())


@shared_task(name="lookups.resolve_waiting")
def resolve_waiting(lane: str = Lane.STAFF, **later: Any) -> None:
    """Resolve waiting lookups for one turn; if there were any, send for the next turn.

    In the bulk lane, the turn first makes lookups of rows of lists, as many as it needs.
    """
    Heartbeat.beat(lane, timezone.now())
    fed = work_lists(timezone.now()) if lane == Lane.BULK else 0
    asked = resolver.resolve_turn(lane, at_once=settings.IDLINK_CALLS_AT_ONCE)
    if asked:
        Heartbeat.note_asked(lane)
    if asked or fed:
        wake(lane)


def release_what_has_its_token() -> None:
    """Release the lookups that waited for a token or secret and have one now."""
    if holds.release_for_tokens():
        wake(Lane.STAFF)
        wake(Lane.BULK)
