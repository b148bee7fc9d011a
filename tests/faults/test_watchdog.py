"""A worker that lost its pool or its consumer ends with an error; one that only waits for its broker lives."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookups.management.processes import Process, stop_all
from tests.redis_server import RedisServer
from tests.stack import wait_for


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.remove()


def worker_that_loses(part: str, folder: Path, redis: RedisServer) -> Process:
    command = [sys.executable, "-m", "celery", "-A", "tests.faults.lost_worker", "worker", "-Q", "bulk"]
    environment = {"CELERY_BROKER_URL": redis.url, "LOSES": part}
    return Process("worker", [*command, "--concurrency", "2"], folder / "worker.log", environment)


def end_of(worker: Process, seconds: float) -> int | None:
    """Give the status with which it ends within this time; None if it lives on."""
    assert worker.handle is not None
    try:
        return worker.handle.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


@pytest.mark.parametrize(
    ("part", "words"), [("pool", "no process of its pool lives"), ("consumer", "takes no messages")]
)
def test_a_worker_that_lost_a_part_of_itself_ends_with_an_error(tmp_path, redis, part: str, words: str):
    worker = worker_that_loses(part, tmp_path, redis)
    try:
        worker.start()
        status = end_of(worker, 60)
    finally:
        stop_all([worker])

    assert status == 1
    last = json.loads(worker.tail(1))
    assert last["levelname"] == "CRITICAL"
    assert words in last["message"]


@pytest.mark.long
def test_a_worker_whose_broker_is_away_waits_and_says_how_long_it_took_to_stop(tmp_path, redis):
    worker = worker_that_loses("nothing", tmp_path, redis)
    try:
        worker.start()
        wait_for(lambda: "ready" in worker.log.read_text(), "the worker")
        redis.stop()
        assert end_of(worker, 8) is None, worker.tail()
        redis.start()
    finally:
        stop_all([worker])

    assert worker.exit_status == 0
    told = [json.loads(line)["message"] for line in worker.log.read_text().splitlines()]
    assert any("has stopped" in line and "s after it was told to" in line for line in told), told
