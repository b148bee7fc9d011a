"""Background work on lists: make lookups of their rows, and undo them, one part at a time."""

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


def work_lists(now: datetime) -> int:
    """Make lookups for lists under way, as many as a turn asks about; gives 0 if none needed work."""
    fed = 0
    while fed < resolver.BATCHES_A_TURN * BATCH_SIZE and (more := feeding.feed(now)):
        fed += more
    return fed


def lists_under_way() -> bool:
    """Tell whether any list needs lookups, or has to be ended."""
    lists = Run.objects.filter(kind=Run.Kind.LIST, finished_at=None)
    return lists.filter(state__in=(Run.State.GOING, Run.State.CANCELLED)).exists()


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
