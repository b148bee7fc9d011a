"""Hooks: a test is called before or after the n-th request, and may kill a process then."""

import http.server
import socket
import subprocess
import sys
import threading

import pytest

from tests.contract.wire import PSID, Caller


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hook_is_told_of_the_nth_request(sandbox, when):
    answered: list[int] = []
    seen: list[int] = []
    told = threading.Event()

    class Harness(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(len(answered))
            self.send_response(200)
            self.end_headers()
            told.set()

        def log_message(self, *told: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Harness)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sandbox.control("hook", {"when": when, "nth": 2, "url": f"http://127.0.0.1:{server.server_port}/"})
    page = Caller(sandbox, "John's Next Great Thing")

    for _ in range(3):
        answered.append(page.get(PSID).status)
    assert told.wait(timeout=10)
    server.shutdown()
    server.server_close()

    assert len(seen) == 1
    assert seen[0] == 1 if when == "before" else seen[0] in (1, 2, 3)
    assert answered == [200] * 3


def test_a_hook_may_kill_a_process(sandbox):
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    sandbox.control("hook", {"when": "before", "nth": 1, "signal": "KILL", "pid": victim.pid})

    Caller(sandbox, "John's Next Great Thing").get(PSID)

    assert victim.wait(timeout=10) == -9


def test_a_hook_that_leads_nowhere_costs_no_answer(sandbox):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    sandbox.control("hook", {"when": "before", "nth": 1, "url": address})

    assert Caller(sandbox, "John's Next Great Thing").get(PSID).status == 200
