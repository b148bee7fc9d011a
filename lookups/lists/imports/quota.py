"""How many lists one user may have here that were not started: each keeps a file on the disk."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from lookups.lists.imports.discarding import BEFORE_START
from lookups.lists.imports.limits import CannotRead
from lookups.models import Run


def refuse_too_many(by: Any, *, locked: bool = False) -> None:
    """Raise CannotRead if this user has as many unstarted lists as allowed. The command line has no user, so no limit.

    `locked` makes uploads of the user that come at the same time wait for each other; needs a transaction.
    """
    if by is None:
        return
    if locked:
        get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    most = settings.IDLINK_LIST_UNFINISHED
    if Run.objects.filter(kind=Run.Kind.LIST, asked_by=by, state__in=BEFORE_START).count() >= most:
        raise CannotRead(
            f"You have {most} lists here that were not started, and there may be no more at a time. Start or discard "
            "some of them under Lists and runs, then send this one again."
        )
