"""Child processes end with all they started, and are not started again for ever."""

import signal
import sys
import time
from pathlib import Path

import pytest

from lookups.management.processes import RESTARTS_A_MINUTE, Process, stop_all
from tests.stack import wait_for

PARENT = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, flush=True); sys.stdin.close(); {rest}"
WAITS = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"


@pytest.fixture
def start(tmp_path):
    """Starts Python code as a child process, and ends it with the test."""
    started: list[Process] = []

    def run(code: str) -> Process:
        started.append(Process(f"child{len(started)}", [sys.executable, "-c", code], tmp_path / f"{len(started)}.log"))
        started[-1].start()
        return started[-1]

    yield run
    for process in started:
        process.stop(time.monotonic())


def grandchild(process: Process) -> int:
    wait_for(lambda: process.log.read_text().endswith("\n"), "the grandchild")
    return int(process.log.read_text().split()[-1])


def runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_dead_process_started_anew_leaves_nothing_of_its_former_life(start):
    process = start(PARENT.format(rest=WAITS))
    left_over = grandchild(process)
    process.handle.send_signal(signal.SIGKILL)
    wait_for(lambda: process.exit_status == -signal.SIGKILL, "its end")
    assert runs(left_over)

    process.start()

    wait_for(lambda: not runs(left_over), "the end of what it had started", seconds=5)
    assert process.exit_status is None


def test_stopping_ends_what_a_process_has_started(start):
    process = start(PARENT.format(rest=WAITS))
    below = grandchild(process)

    stop_all([process])

    assert process.exit_status == -signal.SIGTERM
    wait_for(lambda: not runs(below), "the end of what it had started", seconds=5)


def test_a_process_that_ignores_the_request_to_end_is_forced(start):
    process = start(DEAF)
    wait_for(lambda: "deaf" in process.log.read_text(), "the process")
    process.handle.terminate()

    process.stop(time.monotonic() + 0.5)

    assert process.exit_status == -signal.SIGKILL


def test_restarts_are_limited_within_a_minute_only(start):
    process = start(WAITS)
    now = 1000.0

    assert [process.may_restart(now + second) for second in range(RESTARTS_A_MINUTE + 1)] == [True] * 5 + [False]
    assert process.may_restart(now + 120)


def test_the_tail_is_the_end_of_the_log(start, tmp_path):
    process = start("print(*range(100), sep='\\n')")
    wait_for(lambda: process.exit_status == 0, "its end")

    assert process.tail(3) == "97\n98\n99"
