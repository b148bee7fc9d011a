"""Watching and timing the sandbox from outside: truth, trap, hooks, latency, several processes, faults from a file."""

import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, send
from tests.people import questions_and_people
from tests.sandbox_process import SandboxProcess


def test_truth_names_everybody_with_all_his_ids(sandbox):
    people = {one["name"]: one["ids"] for one in sandbox.read("truth?business=112233445566778")}

    assert people["John Smith"] == {MOVIE_APP: ASID, GAME_APP: GAME_ASID, PAGE: PSID}
    assert len(sandbox.read("truth?business=112233445566778&start=1&count=2")) == 2


def test_truth_holds_generated_people(start_sandbox):
    sandbox = start_sandbox("--people=50")

    told = [one["ids"] for one in sandbox.read("truth?business=223344556677889") if len(one["ids"]) > 1]

    _, expected = questions_and_people(50)
    assert any(frozenset(ids.items()) in expected for ids in told)


def test_the_trap_counts_whoever_comes(sandbox):
    trap = sandbox.read("trap")
    assert trap["connections"] == 0

    parts = urlsplit(trap["url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as caught:
        assert caught.recv(1) == b""

    assert sandbox.read("trap")["connections"] == 1


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


def test_latency_may_be_random_or_grow_with_the_items_of_a_batch(sandbox):
    app = Caller(sandbox, "JohnsMovieApp")

    def seconds(items: int) -> float:
        before = time.monotonic()
        assert len(app.batch(*[ASID] * items).body) == items
        return time.monotonic() - before

    sandbox.control("latency", {"per_item": 0.02})
    assert seconds(20) >= 0.4
    assert seconds(1) < 0.4
    sandbox.control("latency", {"seconds": 0.1, "spread": 0.1})
    assert seconds(20) >= 0.1


def test_faults_may_come_from_a_file_and_come_back_with_a_reset(start_sandbox, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([{"action": {"error": {"code": 2, "status": 500}}}]))
    sandbox = start_sandbox(f"--rules={rules}")
    page = Caller(sandbox, "John's Next Great Thing")

    assert page.get(PSID).status == 500
    sandbox.control("rules", [])
    assert page.get(PSID).status == 200
    sandbox.reset()
    assert page.get(PSID).status == 500


@pytest.mark.parametrize("text", ["{}", "nonsense", '[{"action": {"x": 1}}]'])
def test_a_file_that_holds_no_faults_is_refused(tmp_path, text):
    rules = tmp_path / "rules.json"
    rules.write_text(text)

    ended = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--port=0", f"--rules={rules}"], capture_output=True, timeout=20
    )

    assert ended.returncode == 2
    assert b"usage:" in ended.stderr


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


@pytest.mark.parametrize("wrong", [["--processes=2", "--control"], ["--processes=0"]])
def test_processes_that_would_not_share_state_are_refused(wrong):
    ended = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--port=0", *wrong], capture_output=True, timeout=20
    )

    assert ended.returncode == 2


def test_options_answers_at_once(sandbox):
    assert send(sandbox, "OPTIONS", f"{PSID}/ids_for_apps").status == 200


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as told:
        return [int(one) for one in told.read().split()]


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as told:
            return told.read().split()[2] != "Z"
    except FileNotFoundError:
        return False
