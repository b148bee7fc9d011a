"""The script stores the truth by both ways; a lost row ends the benchmark."""

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.benchmarks.databases import connected
from tests.benchmarks.peer.reading import stored_by_peer
from tests.benchmarks.questions import truths_of_one, world_size
from tests.benchmarks.stored import check_stored
from tests.sandbox_process import SandboxProcess

PEOPLE = 60  # more than a batch
TRUTH = truths_of_one(PEOPLE)


@pytest.fixture(scope="module", params=["orm", "values"])
def run(request, postgres):
    """A run of the script: its figures, and a cursor of its database; what a test changes is rolled back."""
    url, begun = postgres.new_database(), datetime.now(UTC)
    with SandboxProcess("--people", str(world_size(PEOPLE))) as sandbox:
        command = [sys.executable, "-m", "tests.benchmarks.peer.script", request.param, "--url", sandbox.url]
        command += ["--sandbox", str(sandbox.pid), "--server", str(postgres.pid)]
        command += ["--people", str(PEOPLE), "--threads", "4"]
        done = subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with closing(connected(url)) as direct:
        yield json.loads(done.stdout), begun, direct


def test_the_script_stores_the_truth_and_tells_its_figures(run):
    figures, begun, direct = run

    check_stored(stored_by_peer(direct.cursor()), TRUTH, begun)

    assert figures["people"] == PEOPLE
    assert min(figures[name] for name in ("people_per_second", "client_ms", "bytes")) > 0


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ("DELETE FROM peer_link WHERE id = (SELECT min(id) FROM peer_link)", "links"),
        ("UPDATE peer_scopedid SET person_id = (SELECT max(person_id) FROM peer_scopedid)", "persons"),
        ("DELETE FROM peer_answer WHERE id = (SELECT min(id) FROM peer_answer)", "answers"),
        ("UPDATE peer_answer SET raw = '{}' WHERE id = (SELECT min(id) FROM peer_answer)", "answers"),
        ("UPDATE peer_link SET last_seen = '2001-01-01Z'", "times of sight"),
    ],
)
def test_what_the_script_loses_is_missed(run, change, missed):
    _, begun, direct = run
    cursor = direct.cursor()
    cursor.execute(change)

    with pytest.raises(SystemExit, match=missed):
        check_stored(stored_by_peer(cursor), TRUTH, begun)
    direct.rollback()
