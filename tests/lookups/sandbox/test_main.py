"""The command line: arguments that make no sense are refused with a message, and all orders are described."""

import json
import re
import subprocess
import sys

import pytest

from lookups.sandbox.control.orders import ORDERS, SLOW_ORDERS
from tests.contract.wire import PSID, Caller


def test_the_process_ends_with_an_error_where_arguments_are_wrong():
    command = [sys.executable, "-m", "lookups.sandbox", "--port", "x"]

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
def test_a_file_that_holds_no_faults_is_refused(refused, tmp_path, text):
    rules = tmp_path / "rules.json"
    rules.write_text(text)

    assert "usage:" in refused("--port=0", f"--rules={rules}")


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
        [],
        ["--port=0", "--switch=nonsense=on"],
        ["--port=0", "--tls-cert=nowhere.pem"],
        ["--port=0", "--tls-key=x"],
        ["--port=0", "--tls-version=1.0"],
        ["--port=0", "--control-port=8"],
        ["--port=0", "--latency=nan"],
        ["--port=0", "--latency=-1"],
        ["--port=0", "--processes=2", "--control"],
        ["--port=0", "--processes=0"],
    ],
)
def test_arguments_that_make_no_sense_are_refused(refused, wrong):
    assert "error:" in refused(*wrong)


def test_control_does_not_listen_beyond_this_machine(refused):
    assert "loopback" in refused("--port=0", "--control", "--host=0.0.0.0")


def test_switches_may_be_set_on_the_command_line_and_a_reset_keeps_them(start_sandbox):
    sandbox = start_sandbox("--switch=shuffle_rows=on", "--switch=page_size=1", "--switch=reviewed_edges=node")

    for _ in range(2):
        switches = sandbox.read("switches")
        assert [switches[name] for name in ("shuffle_rows", "page_size", "reviewed_edges")] == [True, 1, "node"]
        assert len(Caller(sandbox, "John's Next Great Thing").get(f"{PSID}/ids_for_apps").ids) == 1
        sandbox.control("switches", {"page_size": 5})
        sandbox.reset()
