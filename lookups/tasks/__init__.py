"""Celery: messages are wake-ups, the rows say what is to be done. Tasks call the rooms below and hold no rule.

May call `asking`, `evidence`, `freshness`, `lists`, `tokens`, `models` and `businesses`. Begin reading with `waking`
(a worker's turn) and `sweeping` (finds what a lost message left); `freshness`, `lists`, `uploads` and `tokens` hold
the other tasks, `messages` sends, `manners` lets bulk work write last. Lookups go to the lane of whoever asks, `staff`
or `bulk`; what works in the database for long is bulk, too; the sweep and what asks about tokens and owners is
`upkeep`, the reading of lists `uploads`.
CELERY_BEAT_SCHEDULE in `idlink/settings.py` says what starts by the clock, and how often.

Celery finds the tasks here. Pages and commands use `wake`, `wake_undoing` and what ends in `_soon`.
"""

import lookups.tasks.manners  # noqa: F401  (its receivers)
from lookups.tasks.freshness import count_freshness, count_freshness_soon, refresh_what_is_due
from lookups.tasks.lists import remove_old_lists, undo_run, wake_undoing
from lookups.tasks.sweeping import sweep
from lookups.tasks.tokens import (
    check_owner,
    check_owner_soon,
    check_owners,
    check_soon,
    check_token,
    check_tokens,
    mail_admins,
    take_new_secret,
    take_new_secret_soon,
    try_secret,
)
from lookups.tasks.uploads import read_lists, wake_uploads
from lookups.tasks.waking import resolve_waiting, wake

__all__ = [
    "check_owner",
    "check_owner_soon",
    "check_owners",
    "check_soon",
    "check_token",
    "check_tokens",
    "count_freshness",
    "count_freshness_soon",
    "mail_admins",
    "read_lists",
    "refresh_what_is_due",
    "remove_old_lists",
    "resolve_waiting",
    "sweep",
    "take_new_secret",
    "take_new_secret_soon",
    "try_secret",
    "undo_run",
    "wake",
    "wake_undoing",
    "wake_uploads",
]
