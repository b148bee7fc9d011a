"""A worker process is stopped in the middle of its transaction, as on a machine that hangs: the others go on."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.faults.frozen import business_is_locked, stopped_in_its_transaction
from tests.faults.list_stack import ListStack
from tests.flows.restored import send_list
from tests.stack import Stack, wait_for

ROWS = 2000
GO_ON_SECONDS = 60
pytestmark = [pytest.mark.timeout(600), pytest.mark.long]


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[ListStack]:
    running = ListStack(tmp_path, 12 * ROWS)
    running.stack.has_lanes = True
    try:
        running.stack.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Stack]:
    limits = {"IDLINK_LOCK_SECONDS": "5", "IDLINK_LEASE_SECONDS": "20"}
    running = Stack(tmp_path, "", people=12 * ROWS, **limits)
    running.has_lanes = True
    try:
        yield running.start()
    finally:
        running.stop()


def test_a_frozen_worker_delays_people_and_lists_for_less_than_a_minute(lists: ListStack):
    stack = lists.stack
    visitor = stack.login()
    sent = lists.new_list(ROWS)
    sent.wait_until_part_is_done(0.1)

    with stopped_in_its_transaction(stack, partial(business_is_locked, stack)):
        began, before = time.monotonic(), sent.answered
        visitor.wait(visitor.ask("12345123", "John's Next Great Thing"), seconds=GO_ON_SECONDS)
        wait_for(lambda: sent.answered > before, "the list to go on", seconds=GO_ON_SECONDS)
        assert time.monotonic() - began < GO_ON_SECONDS
        sent.wait(100)

    sent.check()


def test_a_frozen_writer_of_sqlite_is_told_as_busy_and_nothing_is_lost(on_sqlite: Stack):
    visitor = on_sqlite.login()
    sent = send_list(on_sqlite, ROWS, 12 * ROWS)
    sent.wait_until_part_is_done(0.1)

    def is_locked() -> bool:
        with closing(sqlite3.connect(on_sqlite.folder / "idlink.sqlite3", timeout=0, isolation_level=None)) as session:
            try:
                session.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False

    page = visitor.get("/admin/find/?q=12345123&ask=1")
    with stopped_in_its_transaction(on_sqlite, is_locked):
        began = time.monotonic()
        answer = visitor.post("/admin/find/", page, q="12345123", asset="1")
        assert (answer.status_code, "idlink is busy" in answer.text) == (503, True)
        assert time.monotonic() - began < 15
        wait_for(lambda: visitor.get("/health/").json()["busy"], "health to say so", seconds=GO_ON_SECONDS)
        assert visitor.get("/health/").status_code == 503

    wait_for(lambda: visitor.get("/health/").json()["well"], "health to be well again", seconds=GO_ON_SECONDS)
    sent.wait(100)
    sent.check()
