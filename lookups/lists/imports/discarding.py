"""Discards a list that was not started."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.storing import remove_file
from lookups.models import ListFile, ListRow, Run

BEFORE_START = (Run.State.MAPPING, Run.State.READING, Run.State.READY)


def discard(run: Run, by: Any, now: datetime, *, why: str = "") -> None:
    """Cancel a run before its start and remove its file. Its rows stay, marked as not asked. Raises CannotRead."""
    with transaction.atomic():
        locked = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.kind != Run.Kind.LIST or locked.state not in BEFORE_START:
            raise CannotRead("This list was started or has ended already: cancel it on its own page.")
        waiting = ListRow.objects.filter(run=locked, state=ListRow.State.TODO)
        waiting.update(state=ListRow.State.REFUSED, reason="cancelled")
        Run.objects.filter(pk=locked.pk).update(
            refused=F("refused") + F("todo"),
            todo=0,
            state=Run.State.CANCELLED,
            changed_by=by,
            why=why,
            finished_at=now,
        )
        remove_file(ListFile.objects.get(run=locked), now)
    run.refresh_from_db()
