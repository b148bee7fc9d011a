"""How long idlink keeps the files of lists: while they are needed, and then some days for downloads."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from lookups.lists.imports.discarding import BEFORE_START, discard
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.storing import remove_file, remove_strays
from lookups.models import ListFile, Run

logger = logging.getLogger(__name__)

AT_ONCE = 1000
DELETABLE = (Run.State.GOING, Run.State.PAUSED, Run.State.CANCELLED, Run.State.DONE, Run.State.FAULTY)


def keeps_for() -> timedelta:
    """How long a file is kept after its list has ended."""
    return timedelta(days=settings.IDLINK_LIST_KEEP_DAYS)


def waits_for() -> timedelta:
    """How long a list may wait for its columns or its start."""
    return max(keeps_for(), timedelta(days=1))


def kept_until(run: Run) -> datetime | None:
    """When the file of a list is deleted by itself; None while the list is under way."""
    if run.finished_at:
        return run.finished_at + keeps_for()
    return run.created_at + waits_for() if run.state in BEFORE_START else None


def delete_file(run: Run, by: Any, now: datetime) -> None:
    """Delete the file of a list that was read to its end. Raises CannotRead while it is still needed."""
    with transaction.atomic():
        locked = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.kind != Run.Kind.LIST or locked.state not in DELETABLE:
            raise CannotRead("The file is still needed to read this list. Discard the list, and its file goes with it.")
        remove_file(ListFile.objects.get(run=locked), now)
    logger.info("The file of run %s was deleted by user %s.", run.pk, by.pk if by else None)


def remove_old(now: datetime) -> int:
    """Delete the files of lists that ended long ago, and discard lists that nobody started; gives how many.

    Also removes what killed processes left of uploads.
    """
    remove_strays(now)
    files = ListFile.objects.filter(removed_at=None).select_related("run").order_by("pk")
    ended = files.filter(run__finished_at__lte=now - keeps_for())[:AT_ONCE]
    waiting = files.filter(run__state__in=BEFORE_START, run__created_at__lte=now - waits_for())[:AT_ONCE]
    for file in ended:
        with transaction.atomic():
            remove_file(file, now)
    discarded = [file.run for file in waiting if _discarded(file.run, now)]
    return len(ended) + len(discarded)


def _discarded(run: Run, now: datetime) -> bool:
    days = waits_for().days
    try:
        discard(run, None, now, why=f"Nobody started it for {days} day{'' if days == 1 else 's'}.")
    except CannotRead:  # somebody has just started it
        return False
    return True
