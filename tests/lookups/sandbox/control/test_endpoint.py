"""The control endpoint: where it is served, and what it refuses."""

import subprocess
import sys

from tests.contract.wire import send


def test_control_is_served_only_where_it_was_asked_for(sandbox):
    command = [sys.executable, "-m", "lookups.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        plain = type("Plain", (), {"url": process.stdout.readline().split()[-1]})
        assert send(plain, "GET", "/__control/journal").status == 404
        process.terminate()
        assert process.wait(timeout=10) == 0

    assert send(sandbox, "GET", "/__control/journal").status == 200


def test_control_refuses_what_it_does_not_know(sandbox):
    for path, body in (("nonsense", {}), ("reviews", {"business": "x", "under_review": True}), ("latency", [])):
        assert send(sandbox, "POST", f"/__control/{path}", json_body=body).status in (400, 404)


def test_orders_that_are_none_are_refused(sandbox):
    assert send(sandbox, "POST", "/__control/latency", json_body=7).status == 400
    assert send(sandbox, "POST", "/__control/rules", json_body={"rules": 7}).status == 400
    assert send(sandbox, "GET", "/__control/reset").status == 404
