"""Each process of an installation killed, stopped or starved by itself while a list is under way: nothing is lost."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import requests

from lookups.sandbox.world.default_world import JOHNS
from tests.faults.list_stack import ListStack, SentList
from tests.stack import wait_for

ROWS = 300
WORKERS = ("worker", "second")
pytestmark = [pytest.mark.timeout(300), pytest.mark.long]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListStack]:
    running = ListStack(tmp_path_factory.mktemp("processes"), 40 * ROWS)
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def slow(lists: ListStack) -> None:
    """Every call takes a while, so that there is somebody at work to be killed."""
    lists.stack.sandbox.reset()
    lists.stack.sandbox.control("latency", {"seconds": 1})


def test_each_process_killed_alone_loses_nothing(lists: ListStack):
    """Parents without their children, and children without their parents; the supervisor starts anew what has ended."""
    sent = at_work(lists, rows=1000)
    for victim in (
        lambda: children_of(lists, "worker")[0],
        lambda: pid_of(lists, "second"),
        lambda: pid_of(lists, "beat"),
        lambda: pid_of(lists, "web"),
    ):
        wait_for(lambda sent=sent: sent.is_over or claimed(lists, sent) > 0, "work", seconds=60)
        if sent.is_over:
            sent.check()
            sent = at_work(lists)
        os.kill(victim(), signal.SIGKILL)
        wait_for(lambda: is_well(lists), "health after that death", seconds=60)

    sent.wait(100)
    sent.check()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_child_killed_just_before_or_after_an_answer_loses_nothing(lists: ListStack, when: str):
    """Graph's own hand kills whoever asks, at the first, second and third answer from then on."""
    victims = [pid for name in WORKERS for pid in children_of(lists, name)]
    sent = lists.new_list(ROWS)
    for nth, pid in enumerate(victims[:3], start=1):
        lists.stack.sandbox.control("hook", {"when": when, "nth": nth, "signal": "KILL", "pid": pid})

    sent.wait(100)

    sent.check()
    # The last of them dies as the list ends; its parent may take a moment to notice.
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in victims[:3]), "all three to be gone")


def test_workers_told_to_stop_end_what_they_do_and_hold_nothing(lists: ListStack):
    sent = at_work(lists)
    began = time.monotonic()

    for name in WORKERS:
        os.kill(pid_of(lists, name), signal.SIGTERM)

    for name in WORKERS:
        handle = lists.stack.processes[name].handle
        assert handle is not None
        assert handle.wait(timeout=30) == 0
    assert time.monotonic() - began < 30
    assert claimed(lists, sent) == 0
    assert not sent.is_over
    lists.mend()
    sent.wait(100)
    sent.check()
    attempts = lists.stack.sql(f"SELECT DISTINCT attempt FROM lookups_lookup WHERE run_id = {sent.key}")
    assert attempts == [(1,)], "nothing is asked twice for a worker that ended as it should"


def test_health_turns_red_while_the_broker_says_nothing_and_all_goes_on_when_it_speaks_again(lists: ListStack):
    """Connections stay open, and nothing comes: nobody is told that the broker is gone."""
    sent = at_work(lists)
    os.kill(lists.broker.pid, signal.SIGSTOP)
    try:
        wait_for(lambda: not is_well(lists), "health to turn red", seconds=60)
    finally:
        os.kill(lists.broker.pid, signal.SIGCONT)

    sent.wait(100)
    sent.check()
    wait_for(lambda: is_well(lists), "health to be well again", seconds=60)


def test_a_database_that_is_locked_and_then_takes_no_writing_delays_and_loses_nothing(lists: ListStack):
    sent = at_work(lists)
    with lists.administrator() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SELECT 1 FROM businesses_business WHERE graph_id = '{JOHNS}' FOR UPDATE")
        time.sleep(5)  # longer than a lease
        cursor.execute("COMMIT")
        turn_read_only(cursor, "on")
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            lists.stack.sql("UPDATE lookups_run SET rows = rows RETURNING id")
        time.sleep(3)
        turn_read_only(cursor, "off")

    sent.wait(100)
    sent.check()


def turn_read_only(cursor: "psycopg2.extensions.cursor", how: str) -> None:
    """As after a failover to a server that only follows; who is connected has to come again."""
    cursor.execute("SELECT current_database()")
    (name,) = cursor.fetchone() or ("",)
    cursor.execute("SET SESSION default_transaction_read_only = off")
    cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {how}")
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    cursor.execute(others, [name])


def at_work(lists: ListStack, rows: int = ROWS) -> SentList:
    """A list of which a part is being asked about just now."""
    lists.mend()
    sent = lists.new_list(rows)
    wait_for(lambda: claimed(lists, sent) > 0, "work", seconds=60)
    return sent


def claimed(lists: ListStack, sent: SentList) -> int:
    query = f"SELECT COUNT(*) FROM lookups_lookup WHERE run_id = {sent.key} AND state = 'claimed'"
    return int(lists.stack.sql(query)[0][0])


def pid_of(lists: ListStack, name: str) -> int:
    handle = lists.stack.processes[name].handle
    assert handle is not None
    return handle.pid


def children_of(lists: ListStack, name: str) -> list[int]:
    """The processes that a process has started, when it has started any."""
    path = Path(f"/proc/{pid_of(lists, name)}/task/{pid_of(lists, name)}/children")
    wait_for(lambda: path.read_text() != "", f"children of {name}", seconds=30)
    return [int(pid) for pid in path.read_text().split()]


def is_well(lists: ListStack) -> bool:
    lists.mend()
    try:
        return requests.get(f"{lists.stack.url}/health/", timeout=5).status_code == 200
    except requests.RequestException:
        return False
