"""One port for several processes, and a port that is taken."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.contract.wire import PSID, Caller
from tests.sandbox_process import SandboxProcess


def test_several_processes_share_a_port_and_end_together():
    sandbox = SandboxProcess("--processes=3", control=False)
    page = Caller(sandbox, "John's Next Great Thing")

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(lambda _: page.get(f"{PSID}/ids_for_apps").status, range(60)))

    assert told == [200] * 60
    assert len(_children(sandbox.pid)) == 2
    children = _children(sandbox.pid)
    sandbox.stop()
    assert not any(_is_alive(pid) for pid in children)


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as told:
        return [int(one) for one in told.read().split()]


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as told:
            return told.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_port_that_is_taken_is_not_shared(sandbox):
    port = sandbox.url.rpartition(":")[2]

    done = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--control", f"--port={port}"], capture_output=True, timeout=20
    )

    assert done.returncode == 1
    assert b"cannot serve" in done.stderr
