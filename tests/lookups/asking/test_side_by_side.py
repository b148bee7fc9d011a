"""Answers of one business recorded by several workers at once, on PostgreSQL."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_persons_are_what_all_answers_say_in_whatever_order_they_meet(postgres: PostgresServer, seed: int):
    command = [sys.executable, "-m", "tests.lookups.asking.side_by_side", str(seed)]
    environment = {**os.environ, "DATABASE_URL": postgres.migrated_database()}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["persons are right"]
    assert (told["not done"], told["broken"], told["answers"]) == (0, [], 400)
    assert told["turns"]["beside_others"] == told["batches"], "each began beside others"
    assert 0 < told["turns"]["alone_with"] < told["batches"], "some met, and were recorded again alone"
