"""Give work that must take long its own limits. The limits of all other sessions are for people, who should not wait.

SQLite needs none: a session there waits only for the lock of the one writer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "idlink, long work"  # upkeep ends no session that is called so
_LIMITS = {
    "application_name": lambda: NAME,
    "lock_timeout": lambda: f"{settings.IDLINK_LONG_LOCK_SECONDS}s",
    "statement_timeout": lambda: f"{settings.IDLINK_LONG_STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": lambda: f"{settings.IDLINK_LONG_IDLE_SECONDS}s",
}


def take_long(database: BaseDatabaseWrapper | None = None) -> None:
    """Give a session, by default the usual one, the limits of long work until it ends: for commands."""
    database = database or connection
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            for name, value in _LIMITS.items():
                cursor.execute(f"SET {name} = %s", [value()])


@contextmanager
def taking_long() -> Iterator[None]:
    """Give the usual session the limits of long work until the block ends: for tasks and downloads."""
    take_long()
    try:
        yield
    finally:
        if connection.vendor == "postgresql" and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("; ".join(f"RESET {name}" for name in _LIMITS))
