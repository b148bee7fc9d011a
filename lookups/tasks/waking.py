"""Workers are woken, and resolve what waits, one turn after the other."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from lookups.asking import holds, resolver
from lookups.models import Lane
from lookups.tasks.lists import work_lists
from lookups.tasks.messages import send, until_swept


def wake(lane: str = Lane.STAFF) -> None:
    """Wake the workers of a lane. Never waits for a broker that is down: the next sweep wakes them."""
    send(resolve_waiting, {"lane": lane}, lane, expires=until_swept())


@shared_task(name="lookups.resolve_waiting")
def resolve_waiting(lane: str = Lane.STAFF, **later: Any) -> None:
    """Resolve waiting lookups for one turn; while there were some, ask for the next turn.

    In the bulk lane, rows of lists are read and made lookups first, as many as a turn needs.
    """
    fed = work_lists(timezone.now()) if lane == Lane.BULK else 0
    if resolver.resolve_turn(lane, at_once=settings.IDLINK_CALLS_AT_ONCE) or fed:
        wake(lane)


def release_what_has_its_token() -> None:
    """Let go on what waited for a token or secret and has it now."""
    if holds.release_for_tokens():
        wake(Lane.STAFF)
        wake(Lane.BULK)
