"""Wake-ups do not pile up in the queue, however long workers are busy: real Redis, a real worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lookups.management.processes import Process, stop_all
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
SECONDS, SWEEP, VALID = 16, 1, 4


@pytest.mark.long
def test_what_busy_workers_do_not_get_to_is_void_soon(tmp_path):
    redis = RedisServer()
    environment = {"CELERY_BROKER_URL": redis.url, "IDLINK_SWEEP_SECONDS": str(SWEEP)}
    environment["IDLINK_MESSAGE_SECONDS"] = str(VALID)
    command = [sys.executable, "-m", "celery", "-A", "tests.faults.busy_lane", "worker", "-Q", "bulk", "-P", "solo"]
    worker = Process("worker", command, tmp_path / "worker.log", environment)
    try:
        worker.start()
        sweeps = [sys.executable, "-m", "tests.faults.busy_lane", str(SECONDS)]
        told = subprocess.run(sweeps, env={**os.environ, **environment}, cwd=ROOT, capture_output=True, check=True)
    finally:
        stop_all([worker])
        redis.remove()

    waited = json.loads(told.stdout.splitlines()[-1])
    sent_a_second = len(waited) / SECONDS
    alive = VALID * (sent_a_second + 2)  # and two a second of the worker's own
    assert "a turn" in (tmp_path / "worker.log").read_text()
    assert sent_a_second > 3
    assert max(waited) <= 1.3 * alive, waited
