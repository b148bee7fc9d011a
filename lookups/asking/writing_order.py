"""Who writes to SQLite first: people, then bulk work.

SQLite has one writer at a time, and hands its lock on in no order. Its own waiting looks ever less often, up to ten
times a second, so it loses for seconds against bulk work that begins its next transaction at once. Here people look
every few milliseconds. Before they do, they announce themselves by a shared lock on a file beside the database; the
kernel takes it back from a process that dies. While anybody is announced, or has a lookup under way, bulk work begins
no transaction.
"""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from lookups.asking.giving_way import Courtesy
from lookups.models import Lane

MOST_SECONDS = 3.0  # lists must go on beside the busiest staff, and beside a process that stopped while announced
_PEOPLE_LOOK, _BULK_LOOK = 0.003, 0.01
_WRITES = ("BEGIN IMMEDIATE", "INSERT", "UPDATE", "DELETE")
_is_bulk = ContextVar("_is_bulk", default=False)


def give_way(yes: bool) -> None:
    """Say whether what this process, or this thread, writes from now on is bulk work."""
    _is_bulk.set(yes)


def order_writes(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let what is written over a new connection to SQLite wait until it may go: a receiver of `connection_created`."""
    is_ours = connection.vendor == "sqlite" and not connection.is_in_memory_db()  # type: ignore[attr-defined]
    if is_ours and _in_order not in connection.execute_wrappers:  # a connection that was closed is opened again
        connection.execute_wrappers.append(_in_order)


def _in_order(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    if many or connection.in_atomic_block or not sql.startswith(_WRITES):
        return execute(sql, params, many, context)
    # Nothing of it was done if the lock was not free, so it may be tried again.
    return _when_free(lambda: execute(sql, params, many, context), connection)


def _when_free(write: Callable[[], Any], connection: BaseDatabaseWrapper) -> Any:
    courtesy, begun = Courtesy(Lane.BULK, most=MOST_SECONDS) if _is_bulk.get() else None, time.monotonic()
    patience = connection.settings_dict["OPTIONS"]["timeout"]
    with Path(f"{connection.settings_dict['NAME']}-people").open("a") as gate:
        while True:
            waited = time.monotonic() - begun
            if _may_try(gate, courtesy, waited):
                try:
                    with _without_waiting(connection, patience):
                        return write()
                except OperationalError as error:
                    if waited >= patience or not _is_locked(error):
                        raise
            time.sleep(_BULK_LOOK if courtesy else _PEOPLE_LOOK)


@contextmanager
def _without_waiting(connection: BaseDatabaseWrapper, patience: float) -> Iterator[None]:
    """Let SQLite not wait by itself within the block."""
    session = connection.connection
    session.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        session.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")


def _may_try(gate: IO[str], courtesy: Courtesy | None, waited: float) -> bool:
    """Announce people until the gate is closed; tell bulk work whether it need not wait for anybody, or any more."""
    if courtesy is None:
        _locks(gate, fcntl.LOCK_SH)  # in vain at the moment when bulk work looks; then at the next try
        return True
    is_free = _locks(gate, fcntl.LOCK_EX)
    fcntl.flock(gate, fcntl.LOCK_UN)
    return waited >= MOST_SECONDS or (is_free and not courtesy.is_due())


def _locks(gate: IO[str], how: int) -> bool:
    """Lock the gate, unless somebody else has it. Never waits: who has it may have stopped."""
    try:
        fcntl.flock(gate, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_locked(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
