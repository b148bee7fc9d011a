"""Stops a worker process in the middle of its transaction, as on a machine that hangs."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lookups.sandbox.world.default_world import JOHNS
from tests.stack import Stack

IS_FREE = f"SELECT pg_try_advisory_xact_lock(1, id::int) FROM businesses_business WHERE graph_id = '{JOHNS}'"


@contextmanager
def stopped_in_its_transaction(stack: Stack, holds_lock: Callable[[], bool]) -> Iterator[None]:
    """Stop a bulk process while it holds the lock that the others need."""
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline, "no process was met inside a transaction"
        for pid in children_of(stack, "bulk worker"):
            os.kill(pid, signal.SIGSTOP)
            if _holds_on(holds_lock):
                break
            os.kill(pid, signal.SIGCONT)
        else:
            continue
        break
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _holds_on(holds_lock: Callable[[], bool]) -> bool:
    """Tell whether the lock is held at every look: whoever still runs would let it go in between."""
    for _ in range(8):
        if not holds_lock():
            return False
        time.sleep(0.25)
    return True


def children_of(stack: Stack, name: str) -> list[int]:
    """Give the processes of a worker's pool."""
    handle = stack.processes[name].handle
    assert handle is not None
    return [int(pid) for pid in Path(f"/proc/{handle.pid}/task/{handle.pid}/children").read_text().split()]


def business_is_locked(stack: Stack) -> bool:
    """Tell whether somebody changes the evidence of the business in PostgreSQL."""
    return stack.sql(IS_FREE) == [(False,)]
