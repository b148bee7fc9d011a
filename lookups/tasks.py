"""Celery: messages are wake-ups, the rows say what is to be done. Each task calls one function."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from lookups import profiles, resolver, reviews
from lookups.models import Heartbeat, Lane

logger = logging.getLogger(__name__)


def wake(lane: str = Lane.STAFF) -> None:
    """Wake the workers of a lane. Never waits for a broker that is down: the next sweep wakes them."""
    down = False
    try:
        resolve_waiting.apply_async(kwargs={"lane": lane}, queue=lane, retry=False)
    except OperationalError:
        down = True
    if down:
        logger.warning("The broker does not answer; the next sweep will wake the workers.")


@shared_task(name="lookups.resolve_waiting")
def resolve_waiting(lane: str = Lane.STAFF, **later: Any) -> None:
    """Resolve waiting lookups for one turn; while there were some, ask for the next turn."""
    if resolver.resolve_turn(lane, at_once=settings.IDLINK_CALLS_AT_ONCE):
        wake(lane)


@shared_task(name="lookups.sweep")
def sweep(**later: Any) -> None:
    """Free what a dead worker had claimed, probe reviews that are due, wake the lanes with work."""
    now = timezone.now()
    Heartbeat.beat("worker", now)
    Heartbeat.beat("beat", now)
    for review in reviews.due_for_probe(now):
        reviews.send_probe(review, now=now)
    for lane in resolver.free_and_find_work(now):
        wake(lane)
    profiles.drop_old(now)


@worker_ready.connect
def _worker_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("worker", timezone.now())
    wake()


@beat_init.connect
def _beat_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("beat", timezone.now())
