"""Read uploaded lists in the queue `uploads`, whose worker serves nothing else: nobody waits behind a large file."""

import logging
from datetime import datetime
from typing import Any

from celery import shared_task
from django.db.models import F, QuerySet
from django.utils import timezone

from lookups.lists import imports
from lookups.models import UPLOADS, Heartbeat, Run
from lookups.tasks.messages import send, until_swept

logger = logging.getLogger(__name__)


def wake_uploads() -> None:
    """Wake a worker that reads lists; if the message is lost, the next sweep does."""
    send(read_lists, {}, UPLOADS, expires=until_swept())


def being_read() -> "QuerySet[Run]":
    """Give the lists that have to be looked at or read; the looks come first, since they are short."""
    runs = Run.objects.filter(kind=Run.Kind.LIST, state=Run.State.READING)
    return runs.order_by(F("list_file__id_column").asc(nulls_first=True), "pk")


@shared_task(name="lookups.read_lists")
def read_lists(**later: Any) -> None:
    """Look at each new list, and read the next part of each other one; if parts are left, send for the next turn."""
    now = timezone.now()
    Heartbeat.beat(UPLOADS, now)
    keys = list(being_read().values_list("pk", flat=True))
    if sum(_read_some(key, now) for key in keys):
        wake_uploads()
    else:
        imports.end_children()


def _read_some(run_pk: int, now: datetime) -> bool:
    try:
        return imports.read_some(run_pk, now)
    except Exception:  # a bug that shows in one list must not stop the others
        logger.exception("Run %s could not be read on; the next sweep tries again.", run_pk)
    return False
