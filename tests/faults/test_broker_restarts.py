"""The broker is killed and started again ten times while a list is under way: every worker works on."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.list_stack import ListStack
from tests.rabbit_server import RabbitServer
from tests.redis_server import RedisServer
from tests.stack import wait_for

ROWS, RESTARTS = 3000, 10
WORKERS = ("worker", "second", "third")
pytestmark = [pytest.mark.timeout(1200), pytest.mark.long]


@pytest.fixture(params=[RedisServer, RabbitServer], ids=["redis", "rabbitmq"])
def lists(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ListStack]:
    running = ListStack(tmp_path, 12 * ROWS, request.param)
    try:
        yield running.start()
    finally:
        running.stop()


def test_ten_restarts_of_the_broker_leave_every_worker_at_work(lists: ListStack):
    lists.add_worker("third")
    wait_for(lambda: lists.broker.takers() == len(WORKERS), "three workers")
    sent = lists.new_list(ROWS)
    moments = random.Random(13)

    for _ in range(RESTARTS):
        time.sleep(moments.uniform(0.2, 5))
        sent = sent.under_way()
        lists.broker.stop()
        time.sleep(moments.uniform(0, 3))
        lists.broker.start()

    sent.wait(200)
    sent.check()
    wait_for(lambda: lists.broker.takers() == len(WORKERS), "every worker to take messages again", seconds=60)
    for name in WORKERS:
        process = lists.stack.processes[name]
        assert process.exit_status is None, f"{name} ended:\n{process.tail()}"
        assert process.handle is not None
        children = Path(f"/proc/{process.handle.pid}/task/{process.handle.pid}/children").read_text().split()
        assert len(children) == 2, f"{name} has lost its pool"
    assert "Unrecoverable" not in lists.stack.logs()
