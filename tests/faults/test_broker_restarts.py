"""The broker is killed and started again ten times while a list is under way: every worker works on."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.list_stack import ListStack
from tests.stack import wait_for

ROWS, RESTARTS = 3000, 10
WORKERS = ("worker", "second", "third")
pytestmark = [pytest.mark.timeout(600), pytest.mark.long]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListStack]:
    running = ListStack(tmp_path_factory.mktemp("restarts"), 2 * ROWS)
    try:
        yield running.start()
    finally:
        running.stop()


def test_ten_restarts_of_the_broker_leave_every_worker_at_work(lists: ListStack):
    lists.add_worker("third")
    wait_for(lambda: takers(lists) == len(WORKERS), "three workers")
    sent = lists.new_list(ROWS)
    moments = random.Random(13)

    for _ in range(RESTARTS):
        time.sleep(moments.uniform(0.2, 5))
        lists.redis.stop()
        time.sleep(moments.uniform(0, 3))
        lists.redis.start()

    sent.wait(200)
    sent.check()
    wait_for(lambda: takers(lists) == len(WORKERS), "every worker to take messages again", seconds=60)
    for name in WORKERS:
        process = lists.stack.processes[name]
        assert process.exit_status is None, f"{name} ended:\n{process.tail()}"
        assert process.handle is not None
        children = Path(f"/proc/{process.handle.pid}/task/{process.handle.pid}/children").read_text().split()
        assert len(children) == 2, f"{name} has lost its pool"
    assert "Unrecoverable" not in lists.stack.logs()


def takers(lists: ListStack) -> int:
    """How many workers wait for messages: who has enough to do does not."""
    try:
        with redis.Redis(port=lists.redis.port) as broker:
            return sum(client["cmd"] == "brpop" for client in broker.client_list())
    except redis.RedisError:
        return 0
