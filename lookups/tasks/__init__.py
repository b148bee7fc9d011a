"""Celery: messages are wake-ups, the rows say what is to be done. Each task calls one function.

Celery finds the tasks here; pages and commands take from here what wakes workers.
"""

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
