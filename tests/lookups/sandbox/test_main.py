"""The command line: arguments that make no sense are refused with a message, and all orders are described."""

import json
import re
import subprocess
import sys

import pytest

from lookups.sandbox.control.orders import ORDERS, SLOW_ORDERS
from tests.contract.wire import PSID, Caller


@pytest.mark.parametrize("arguments", [[], ["--port", "0", "--switch", "nonsense=on"], ["--port", "x"]])
def test_wrong_arguments_are_explained(arguments):
    command = [sys.executable, "-m", "lookups.sandbox", *arguments]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert done.returncode == 2
    assert "error:" in done.stderr


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


@pytest.mark.parametrize("wrong", [["--processes=2", "--control"], ["--processes=0"]])
def test_processes_that_would_not_share_state_are_refused(wrong):
    ended = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--port=0", *wrong], capture_output=True, timeout=20
    )

    assert ended.returncode == 2


def test_all_orders_are_described_on_the_command_line():
    command = [sys.executable, "-m", "lookups.sandbox", "--describe-control"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    for name in (*ORDERS, *SLOW_ORDERS):
        assert re.search(rf"\b{name if isinstance(name, str) else name[1]}\b", told), name
    for word in ("black hole", "edge_error", "replayed", "data_access_ends_in", "nth"):
        assert word in told


@pytest.mark.parametrize(
    "wrong",
    [
        ["--tls-cert=nowhere.pem"],
        ["--tls-key=x"],
        ["--tls-version=1.0"],
        ["--control-port=8"],
        ["--latency=nan"],
        ["--latency=-1"],
    ],
)
def test_arguments_that_make_no_sense_are_refused(wrong):
    done = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--port=0", *wrong], capture_output=True, timeout=20
    )

    assert done.returncode == 2
    assert b"error:" in done.stderr
