"""Celery's tasks. A message only wakes a worker; the database says what to do. Each task calls one function.

Celery finds the tasks here. Pages and commands import from here the functions that wake workers.
"""

from lookups.tasks.lists import undo_run, wake_undoing
from lookups.tasks.rounds import (
    count_freshness,
    count_freshness_soon,
    mail_admins,
    refresh_what_is_due,
    remove_old_lists,
)
from lookups.tasks.sweeping import sweep
from lookups.tasks.tokens import (
    check_owner,
    check_owner_soon,
    check_owners,
    check_soon,
    check_token,
    check_tokens,
    take_new_secret,
    take_new_secret_soon,
    try_secret,
)
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
]
