"""Celery: messages are wake-ups, the rows say what is to be done. Each task calls one function."""

import logging
from datetime import datetime
from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from lookups import feeding, profiles, resolver, reviews, running
from lookups.models import Heartbeat, Lane, Run

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
    """Resolve waiting lookups for one turn; while there were some, ask for the next turn.

    In the bulk lane, rows of lists are read and made lookups first, as many as a turn needs.
    """
    fed = work_lists(timezone.now()) if lane == Lane.BULK else 0
    if resolver.resolve_turn(lane, at_once=settings.IDLINK_CALLS_AT_ONCE) or fed:
        wake(lane)


def work_lists(now: datetime) -> int:
    """Read the next part of each list being read, and feed the lists under way; gives 0 if there was nothing."""
    return feeding.feed(now)


@shared_task(name="lookups.sweep")
def sweep(**later: Any) -> None:
    """Free what a dead worker had claimed, probe reviews that are due, wake the lanes with work."""
    now = timezone.now()
    Heartbeat.beat("worker", now)
    Heartbeat.beat("beat", now)
    for review in reviews.due_for_probe(now):
        reviews.send_probe(review, now=now)
    running.keep_stopped(now)
    lanes = set(resolver.free_and_find_work(now))
    if lists_under_way():
        lanes.add(Lane.BULK)
    for lane in lanes:
        wake(lane)
    profiles.drop_old(now)


def lists_under_way() -> bool:
    """Tell whether any list is to be read, fed or ended."""
    lists = Run.objects.filter(kind=Run.Kind.LIST, finished_at=None)
    return lists.filter(state__in=(Run.State.READING, Run.State.GOING, Run.State.CANCELLED)).exists()


@worker_ready.connect
def _worker_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("worker", timezone.now())
    wake()


@beat_init.connect
def _beat_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("beat", timezone.now())
