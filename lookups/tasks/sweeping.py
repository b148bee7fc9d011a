"""The sweep: find the work that a lost message or a dead worker has left behind."""

from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready
from django.utils import timezone

from lookups.asking import probes, resolver
from lookups.evidence import undoing
from lookups.evidence.profile_retention import drop_old_profiles
from lookups.lists import running
from lookups.models import Heartbeat, Lane
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
    Heartbeat.beat("worker", now)
    Heartbeat.beat("beat", now)
    for review in probes.due_for_probe(now):
        probes.send_probe(review, now=now)
    lanes = set(resolver.free_and_find_work(now))
    running.keep_stopped(now)  # after the freeing above: it includes lookups of stopped runs
    if lists_under_way():
        lanes.add(Lane.BULK)
    for lane in lanes:
        wake(lane)
    if being_read().exists():
        wake_uploads()
    for token_pk in due_checks.doubted_tokens(now):
        check_soon(token_pk, expires=until_swept())
    for run_pk in undoing.left_behind(now):
        wake_undoing(run_pk)
    drop_old_profiles(now)


@worker_ready.connect
def _worker_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("worker", timezone.now())
    wake()
    send(check_tokens, {}, Lane.BULK)
    send(check_owners, {}, Lane.BULK)


@beat_init.connect
def _beat_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("beat", timezone.now())
