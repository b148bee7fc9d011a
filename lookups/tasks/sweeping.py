"""The sweep: find the work that a lost message or a dead worker has left behind."""

from datetime import datetime
from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready
from django.utils import timezone

from lookups.asking import frozen, probes, resolver
from lookups.evidence import undoing
from lookups.evidence.profile_retention import drop_old_profiles
from lookups.lists import running
from lookups.models import BEAT, PARTS, UPKEEP, UPLOADS, Heartbeat, Lane
from lookups.tasks.lists import lists_under_way, wake_undoing
from lookups.tasks.messages import send, until_swept
from lookups.tasks.tokens import check_owners, check_soon, check_tokens
from lookups.tasks.uploads import being_read, wake_uploads
from lookups.tasks.waking import wake
from lookups.tokens import due_checks


@shared_task(name="lookups.sweep")
def sweep(**later: Any) -> None:
    """Free lookups that dead workers had claimed, send probes that are due, wake the lanes with work."""
    now = timezone.now()
    Heartbeat.beat(UPKEEP, now)
    frozen.end_frozen_sessions()
    for review in probes.due_for_probe(now):
        probes.send_probe(review, now=now)
    due = resolver.free_and_find_work(now)
    Heartbeat.note_due(due, now)
    running.keep_stopped(now)  # after the freeing above: it includes lookups of stopped runs
    for lane in _lanes_to_wake(due, now):
        wake(lane)
    if being_read().exists() or not Heartbeat.was_seen(UPLOADS, now):
        wake_uploads()
    for token_pk in due_checks.doubted_tokens(now):
        check_soon(token_pk, expires=until_swept())
    for run_pk in undoing.left_behind(now):
        wake_undoing(run_pk)
    drop_old_profiles(now)


def _lanes_to_wake(due: list[str], now: datetime) -> set[str]:
    """Give the lanes with work, and those whose workers have long shown no sign of life: their turn shows one."""
    lanes = {*due, *(lane for lane in Lane.values if not Heartbeat.was_seen(lane, now))}
    if lists_under_way() or Lane.STAFF in due:  # bulk workers serve people first, whatever became of staff's own
        lanes.add(Lane.BULK)
    return lanes


@worker_ready.connect
def _worker_is_ready(sender: Any, **kwargs: Any) -> None:
    served = sender.app.amqp.queues.consume_from
    for name in PARTS:
        if name in served:
            Heartbeat.beat(name, timezone.now())
    for lane in Lane.values:
        if lane in served:
            wake(lane)
    if UPKEEP in served:
        send(check_tokens, {}, UPKEEP)
        send(check_owners, {}, UPKEEP)


@beat_init.connect
def _beat_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat(BEAT, timezone.now())
