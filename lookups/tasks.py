"""Celery: messages are wake-ups, the rows say what is to be done. Each task calls one function."""

import logging
from datetime import datetime
from typing import Any

from celery import shared_task
from celery.signals import beat_init, worker_ready
from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from kombu.exceptions import OperationalError

from businesses.models import Business, FacebookApp, Page
from lookups import (
    feeding,
    holding,
    imports,
    mailing,
    ownership,
    profiles,
    promise,
    refresh,
    resolver,
    reviews,
    running,
    secret_rotation,
    token_check,
    undoing,
)
from lookups.models import Heartbeat, Lane, Run

logger = logging.getLogger(__name__)


def wake(lane: str = Lane.STAFF) -> None:
    """Wake the workers of a lane. Never waits for a broker that is down: the next sweep wakes them."""
    _send(resolve_waiting, {"lane": lane}, lane)


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
    being_read = Run.objects.filter(kind=Run.Kind.LIST, state=Run.State.READING).values_list("pk", flat=True)
    return sum(_read_some(key, now) for key in being_read) + feeding.feed(now)


def _read_some(run_pk: int, now: datetime) -> bool:
    try:
        return imports.read_some(run_pk, now)
    except Exception:  # a bug that one list brings to light must not stop the others
        logger.exception("Run %s could not be read on; the next sweep tries again.", run_pk)
    return False


def wake_undoing(run_pk: int) -> None:
    """Let a worker go on with the undo of an import, or with its taking back; else the next sweep does."""
    _send(undo_run, {"run_pk": run_pk}, Lane.BULK)


@shared_task(name="lookups.undo_run")
def undo_run(run_pk: int, **later: Any) -> None:
    """Undo an import, or take that back, for one turn; while there is more, ask for the next turn."""
    if undoing.go_on(run_pk):
        wake_undoing(run_pk)


@shared_task(name="lookups.sweep")
def sweep(**later: Any) -> None:
    """Free what a dead worker had claimed, probe reviews that are due, wake the lanes with work."""
    now = timezone.now()
    Heartbeat.beat("worker", now)
    Heartbeat.beat("beat", now)
    for review in reviews.due_for_probe(now):
        reviews.send_probe(review, now=now)
    lanes = set(resolver.free_and_find_work(now))
    running.keep_stopped(now)  # what a dead worker had claimed of a stopped run is free by now
    if lists_under_way():
        lanes.add(Lane.BULK)
    for lane in lanes:
        wake(lane)
    for run_pk in undoing.left_behind(now):
        wake_undoing(run_pk)
    profiles.drop_old(now)


def lists_under_way() -> bool:
    """Tell whether any list is to be read, fed or ended."""
    lists = Run.objects.filter(kind=Run.Kind.LIST, finished_at=None)
    return lists.filter(state__in=(Run.State.READING, Run.State.GOING, Run.State.CANCELLED)).exists()


def check_soon(token_pk: int, *, lane: str = Lane.STAFF, by_hand: bool = False) -> None:
    """Have a token checked by a worker; if the broker is down, the next round does it."""
    _send(check_token, {"token_pk": token_pk, "by_hand": by_hand}, lane)


@shared_task(name="lookups.check_token")
def check_token(token_pk: int, by_hand: bool = False, **later: Any) -> None:
    """Ask Graph what a token is; let go on what waited for one that works."""
    token_check.check(resolver.graph_client(), token_pk, now=timezone.now(), another_go=by_hand)
    _release()
    ownership.check_by_token(resolver.graph_client(), token_pk, now=timezone.now(), by_hand=by_hand)


@shared_task(name="lookups.check_tokens")
def check_tokens(**later: Any) -> None:
    """Have the tokens checked that are due, a part of them at a time."""
    for token_pk in token_check.due_for_check(timezone.now()):
        check_soon(token_pk, lane=Lane.BULK)
    for app_pk in secret_rotation.due(timezone.now()):
        _send(try_secret, {"app_pk": app_pk}, Lane.BULK)
    secret_rotation.forget_old(timezone.now())


@shared_task(name="lookups.try_secret")
def try_secret(app_pk: int, **later: Any) -> None:
    """Try an app's new secret again, about which Graph could not be asked before."""
    secret_rotation.try_next(resolver.graph_client(), app_pk, now=timezone.now())


@shared_task(name="lookups.check_owner")
def check_owner(app_pk: int | None = None, page_pk: int | None = None, **later: Any) -> None:
    """Ask Graph which business owns an app or a Page."""
    ownership.check(resolver.graph_client(), (app_pk, page_pk), now=timezone.now())


@shared_task(name="lookups.check_owners")
def check_owners(**later: Any) -> None:
    """Have the owners asked about that are due, a part of them at a time."""
    for key in ownership.due_for_check(timezone.now()):
        check_owner_soon(key, lane=Lane.BULK)


def check_owner_soon(key: ownership.Key, *, lane: str = Lane.STAFF) -> None:
    """Have the owner of an app or a Page asked about by a worker; if the broker is down, the next round does it."""
    _send(check_owner, {"app_pk": key[0], "page_pk": key[1]}, lane)


@shared_task(name="lookups.take_new_secret")
def take_new_secret(app_pk: int, **later: Any) -> None:
    """An app's secret was saved: check what it signs, let go on what waited for it."""
    for token_pk in token_check.tokens_of(app_pk):
        check_soon(token_pk)
    _release()


@shared_task(name="lookups.refresh")
def refresh_what_is_due(**later: Any) -> None:
    """Make lookups of what was not confirmed for too long."""
    if refresh.pick(timezone.now()).made:
        wake(Lane.BULK)


@shared_task(name="lookups.count_freshness")
def count_freshness(business_pk: int | None = None, **later: Any) -> None:
    """Count how fresh the IDs of one business are, or of all."""
    promise.count_all(timezone.now(), only=business_pk)


def count_freshness_soon(business_pk: int) -> None:
    """Have a business's IDs counted by a worker; if the broker is down, the next round does it."""
    _send(count_freshness, {"business_pk": business_pk}, Lane.STAFF)


@shared_task(name="lookups.remove_old_lists")
def remove_old_lists(**later: Any) -> None:
    """Delete files of lists that are not needed any more."""
    imports.remove_old(timezone.now())


@shared_task(name="lookups.mail_admins")
def mail_admins(**later: Any) -> None:
    """Tell admins by e-mail what needs a person."""
    mailing.mail_what_is_new(timezone.now())


def _release() -> None:
    if holding.release_for_tokens():
        wake(Lane.STAFF)
        wake(Lane.BULK)


def _send(task: Any, arguments: dict[str, Any], lane: str) -> None:
    """Send a message that may get lost: what it is about is found again by the next round."""
    down = False
    try:
        task.apply_async(kwargs=arguments, queue=lane, retry=False)
    except (OperationalError, OSError):  # a broker of files fails with the latter
        down = True
    if down:
        logger.warning("The broker does not answer; the next sweep will see to it.")


@receiver(post_save, sender=Business)
def _business_is_saved(instance: Business, created: bool = False, raw: bool = False, **kwargs: Any) -> None:
    if created and not raw:  # so that it stands under Freshness, and on the start page, without an hour's wait
        business_pk = instance.pk
        transaction.on_commit(lambda: count_freshness_soon(business_pk))


@receiver(post_save, sender=FacebookApp)
def _app_is_saved(instance: FacebookApp, raw: bool = False, **kwargs: Any) -> None:
    if instance.sealed_secret and not raw:
        app_pk = instance.pk
        transaction.on_commit(lambda: _send(take_new_secret, {"app_pk": app_pk}, Lane.STAFF))


@receiver(post_save, sender=FacebookApp)
@receiver(post_save, sender=Page)
def _app_or_page_is_saved(instance: FacebookApp | Page, raw: bool = False, **kwargs: Any) -> None:
    key = (instance.pk, None) if isinstance(instance, FacebookApp) else (None, instance.pk)
    if not raw and instance.tokens.exists():  # without a token nobody can be asked; a token's check asks, too
        transaction.on_commit(lambda: check_owner_soon(key))


@worker_ready.connect
def _worker_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("worker", timezone.now())
    wake()
    _send(check_tokens, {}, Lane.BULK)
    _send(check_owners, {}, Lane.BULK)


@beat_init.connect
def _beat_is_ready(**kwargs: Any) -> None:
    Heartbeat.beat("beat", timezone.now())
