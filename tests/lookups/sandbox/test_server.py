"""The server's own addresses: the trap, and the port that takes orders only."""

import socket
from urllib.parse import urlsplit

from tests.contract.wire import PSID, send


def test_the_trap_counts_whoever_comes(sandbox):
    trap = sandbox.read("trap")
    assert trap["connections"] == 0

    parts = urlsplit(trap["url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as caught:
        assert caught.recv(1) == b""

    assert sandbox.read("trap")["connections"] == 1


def test_the_port_for_control_serves_nothing_else(sandbox):
    control = type("Control", (), {"url": sandbox.control_url})

    assert send(control, "GET", "/__control/journal").status == 200
    assert send(control, "GET", f"/{PSID}").status == 404
