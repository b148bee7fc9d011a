"""On SQLite people write first, whatever bulk work does in another process, and however a process ends."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from lookups.asking import writing_order
from lookups.asking.starting import ask_about
from lookups.models import UPKEEP, UPLOADS, Lane
from lookups.tasks import remove_old_lists
from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, wait_for

pytestmark = pytest.mark.django_db
BULK_TRANSACTIONS = """
import django; django.setup()
import time
from django.db import connection, transaction
from lookups.asking import writing_order
writing_order.give_way(True)
while True:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE counted SET transactions = transactions + 1")
        time.sleep(0.05)
"""
ONE_OF_PEOPLE = """
import django; django.setup()
from django.db import transaction
with transaction.atomic():
    pass
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "idlink.sqlite3"
    copy_of_sqlite(path)
    with closing(sqlite3.connect(path)) as session:
        session.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE counted (transactions); INSERT INTO counted VALUES (0);"
        )
    return path


@pytest.fixture
def own(file):
    """A connection of ours to that file."""
    one = connection.copy()
    one.settings_dict = {**one.settings_dict, "NAME": str(file)}
    yield one
    one.close()


@pytest.fixture
def as_bulk():
    writing_order.give_way(True)
    yield writing_order
    writing_order.give_way(False)


@contextmanager
def elsewhere(code: str, file: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own with this database."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}", "DJANGO_SETTINGS_MODULE": "idlink.settings"}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another writer has the lock of the database."""
    with closing(sqlite3.connect(file, isolation_level=None)) as session:
        session.execute("BEGIN IMMEDIATE")
        yield


def counted(session) -> int:
    return session.execute("SELECT transactions FROM counted").fetchone()[0]


def written(session) -> float:
    """Write something; gives after how many seconds it was done."""
    began = time.monotonic()
    with session.cursor() as cursor:
        cursor.execute("UPDATE counted SET transactions = 0")
    return time.monotonic() - began


def is_announced(file: Path) -> bool:
    with file.with_name(f"{file.name}-people").open("a") as gate:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_bulk_work_of_another_process_begins_nothing_while_people_wait(file, own):
    passed = []
    with elsewhere(BULK_TRANSACTIONS, file), closing(sqlite3.connect(file)) as reader:
        wait_for(lambda: counted(reader) > 0, "bulk work")
        for _ in range(10):
            time.sleep(0.07)
            before = counted(reader)
            with own.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                passed.append(counted(cursor) - before)
                cursor.execute("ROLLBACK")

    assert max(passed) <= 2, "what was under way, and what began between the count and the announcement"


def test_a_process_that_dies_while_it_is_announced_holds_up_nobody(file, own, as_bulk):
    with locked(file), elsewhere(ONE_OF_PEOPLE, file) as person:
        wait_for(lambda: is_announced(file), "the person")
        person.send_signal(signal.SIGKILL)
        person.wait()

        assert not is_announced(file)

    assert written(own) < writing_order.MOST_SECONDS


def test_a_process_that_has_stopped_while_it_is_announced_holds_up_bulk_work_for_a_moment(
    file, own, as_bulk, monkeypatch
):
    monkeypatch.setattr(writing_order, "MOST_SECONDS", 0.3)
    with file.with_name(f"{file.name}-people").open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_SH)

        assert written(own) >= 0.3


def test_bulk_work_writes_nothing_while_a_lookup_that_was_just_pressed_is_under_way(own, world, as_bulk, monkeypatch):
    monkeypatch.setattr(writing_order, "MOST_SECONDS", 0.3)
    ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now() - timedelta(seconds=1))

    assert written(own) >= 0.3


def test_people_announce_themselves_only_while_they_wait(file, own):
    assert written(own) < writing_order.MOST_SECONDS

    assert not is_announced(file)


@pytest.mark.usefixtures("as_bulk")
@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "DELETE FROM counted"])
def test_who_waits_for_too_long_is_told_so(file, own, statement):
    own.settings_dict["OPTIONS"] = {**own.settings_dict["OPTIONS"], "timeout": 0.2}
    with locked(file), own.cursor() as cursor, pytest.raises(OperationalError, match="locked"):
        cursor.execute(statement)


def test_sqlite_itself_waits_again_afterwards(file, own):
    written(own)

    with own.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (1000 * own.settings_dict["OPTIONS"]["timeout"],)


def test_another_error_is_no_reason_to_wait(own):
    with own.cursor() as cursor, pytest.raises(OperationalError, match="no such table"):
        cursor.execute("UPDATE no_such_table SET a = 1")


def test_a_connection_that_is_opened_again_is_ordered_once(own):
    for _ in range(2):
        own.ensure_connection()
        own.close()

    assert len(own.execute_wrappers) == 1


@pytest.mark.parametrize(
    ("queue", "gives_way"), [(Lane.BULK, True), (UPLOADS, True), (Lane.STAFF, False), (UPKEEP, False)]
)
def test_a_task_gives_way_if_its_queue_is_one_of_bulk_work(monkeypatch, queue, gives_way):
    told = []
    monkeypatch.setattr(writing_order, "give_way", told.append)
    monkeypatch.setattr("lookups.lists.imports.remove_old", lambda now: told.append("works"))

    remove_old_lists.apply(routing_key=queue, throw=True)

    assert told == [gives_way, "works", False]
