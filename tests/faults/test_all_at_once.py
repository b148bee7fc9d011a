"""One list through everything: processes killed and frozen, Redis, the database and Graph away, a storm of limits."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults.frozen import business_is_locked, children_of, stopped_in_its_transaction
from tests.faults.list_stack import ListStack, SentList
from tests.faults.strikes import Strikes
from tests.stack import wait_for

AT_LENGTH = os.environ.get("FAULTS") == "at length"
ROWS, LATENCY = (20_000, 0.5) if AT_LENGTH else (2000, 2)  # fewer rows must last long enough, too
# On a busy machine, too, no call may take so long that it is made anew without any of our faults.
SETTINGS = {"IDLINK_CALLS_AT_ONCE": "1", "IDLINK_GRAPH_DEADLINE": "15", "IDLINK_LEASE_SECONDS": "16"}
PATIENCE = 600
OUTAGE, STORM = 5, 8  # seconds
pytestmark = [pytest.mark.long, pytest.mark.timeout(4 * PATIENCE)]


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[ListStack]:
    running = ListStack(tmp_path, 3 * ROWS, **SETTINGS)
    running.stack.has_lanes = True
    try:
        running.stack.start()
        yield running
    finally:
        running.stop()


def kill_a_process_of_the_pool(lists: ListStack) -> None:
    os.kill(random.choice(children_of(lists.stack, "bulk worker")), signal.SIGKILL)


def kill_a_worker(lists: ListStack) -> None:
    lists.restart("bulk worker")


def freeze_a_process(lists: ListStack) -> None:
    with stopped_in_its_transaction(lists.stack, partial(business_is_locked, lists.stack)):
        wait_for(lambda: not business_is_locked(lists.stack), "the sweep to end its session", seconds=60)


def restart_the_broker(lists: ListStack) -> None:
    lists.broker.stop()
    time.sleep(OUTAGE)
    lists.broker.start()


def restart_the_database(lists: ListStack) -> None:
    lists.postgres.restart()


def take_graph_away(lists: ListStack) -> None:
    lists.stack.sandbox.control("port", {"mode": "refuse", "seconds": OUTAGE})
    time.sleep(OUTAGE)


def let_limits_rain(lists: ListStack) -> None:
    limit = {"error": {"code": 4, "status": 429}, "headers": {"Retry-After": "1"}}
    lists.stack.sandbox.control("rules", [{"match": {"item": False, "share": 0.3}, "action": limit}])
    time.sleep(STORM)
    lists.stack.sandbox.control("rules", [])


FAULTS: tuple[Callable[[ListStack], None], ...] = (
    kill_a_process_of_the_pool,
    kill_a_worker,
    freeze_a_process,
    restart_the_broker,
    restart_the_database,
    take_graph_away,
    let_limits_rain,
)


def test_a_list_ends_whole_and_asks_nothing_twice_but_for_what_a_fault_struck(lists: ListStack):
    lists.stack.sandbox.control("latency", {"seconds": LATENCY})
    sent = lists.new_list(ROWS)
    strikes, began = Strikes(sent), time.monotonic()
    for number, fault in enumerate(FAULTS):
        wait_until_answered(lists, sent, number * ROWS // (2 * len(FAULTS)))
        with strikes.by(fault.__name__):
            fault(lists)

    sent.wait(PATIENCE)

    sent.check()
    again = strikes.asked_again()
    told = {fault: f"{len(strikes.claimed[fault])} claimed, {count} asked again" for fault, count in again.items()}
    print(f"{ROWS} rows in {time.monotonic() - began:.0f} s, {sent.times_asked().total()} questions; {told}")
    assert all(strikes.claimed.values()), "a fault came while nothing was claimed"
    assert any(again.values()), "no fault cost an answer"
    lists.stack.manage("check_invariants")
    wait_for(lambda: lists.is_well, "health to be well again", seconds=60)
    for words in ("deadlock detected", "raised unexpected: Type", "raised unexpected: Assert", "faulty"):
        assert words not in lists.stack.logs()


def wait_until_answered(lists: ListStack, sent: SentList, rows: int) -> None:
    """Wait until so many rows are answered, and more are in hand, so that the next fault has something to strike."""

    def enough() -> bool:
        lists.mend()
        assert not sent.is_over, "the list ended before all faults had come"
        return sent.answered >= rows and sent.claimed > 0

    wait_for(enough, f"{rows} answers", seconds=PATIENCE)
