"""Background work on lists: read them, make lookups of their rows, and undo them, one part at a time."""

import logging
from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from lookups.asking import resolver
from lookups.evidence import undoing
from lookups.graph import BATCH_SIZE
from lookups.lists import feeding, imports
from lookups.models import Lane, Run
from lookups.tasks.messages import send, until_swept

logger = logging.getLogger(__name__)


def work_lists(now: datetime) -> int:
    """Read the next part of each list being read, and make lookups for lists under way; gives 0 if none needed work."""
    being_read = Run.objects.filter(kind=Run.Kind.LIST, state=Run.State.READING).values_list("pk", flat=True)
    read = sum(_read_some(key, now) for key in being_read)
    fed = 0
    while fed < resolver.BATCHES_A_TURN * BATCH_SIZE and (more := feeding.feed(now)):
        fed += more
    return read + fed


def _read_some(run_pk: int, now: datetime) -> bool:
    try:
        return imports.read_some(run_pk, now)
    except Exception:  # a bug that shows in one list must not stop the others
        logger.exception("Run %s could not be read on; the next sweep tries again.", run_pk)
    return False


def lists_under_way() -> bool:
    """Tell whether any list has to be read, needs lookups, or has to be ended."""
    lists = Run.objects.filter(kind=Run.Kind.LIST, finished_at=None)
    return lists.filter(state__in=(Run.State.READING, Run.State.GOING, Run.State.CANCELLED)).exists()


def wake_undoing(run_pk: int) -> None:
    """Wake a worker for the undo of an import, or for its taking back; if the message is lost, the next sweep does."""
    send(undo_run, {"run_pk": run_pk}, Lane.BULK, expires=until_swept())


@shared_task(name="lookups.undo_run")
def undo_run(run_pk: int, **later: Any) -> None:
    """Do one turn of the undo of an import, or of its taking back; if work is left, send for the next turn."""
    if undoing.go_on_undoing(run_pk):
        wake_undoing(run_pk)


@shared_task(name="lookups.remove_old_lists")
def remove_old_lists(**later: Any) -> None:
    """Delete files of lists that are not needed any more."""
    imports.remove_old(timezone.now())
