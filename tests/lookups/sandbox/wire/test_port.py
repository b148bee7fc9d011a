"""The port that clients come to, closed to them in each way."""

import http.client
import socket
import time

import pytest

from tests.contract.wire import send
from tests.lookups.sandbox.raw_http import asked
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def own_process():
    """A sandbox for this file alone: a port that does not open again is nobody else's trouble."""
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def alone(own_process):
    """The file's own sandbox, as new for each test."""
    own_process.reset()
    yield own_process
    own_process.reset()


@pytest.fixture
def waiting(alone):
    """A connection that was open before, and has been used."""
    connection = http.client.HTTPConnection(alone.url.removeprefix("http://"), timeout=5)
    assert asked(connection) == 200
    yield connection
    connection.close()


def connected(sandbox: SandboxProcess, timeout: float = 0.5) -> socket.socket:
    host, port = sandbox.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=timeout)


def first_byte_from(sandbox: SandboxProcess) -> bytes:
    with connected(sandbox, timeout=0.1) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return connection.recv(1)


def health(sandbox: SandboxProcess) -> int:
    return send(sandbox, "GET", "/__sandbox/health").status


def test_the_port_refuses_until_told(alone):
    told = alone.control("port", {"mode": "refuse"})

    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            connected(alone)
    assert told == {"mode": "refuse", "control_url": alone.control_url}
    assert alone.read("state")["port"] == "refuse"

    alone.control("port", {"mode": "open"})
    assert health(alone) == 200


def test_nobody_answers_a_connect_to_a_black_hole(alone):
    alone.control("port", {"mode": "black hole"})

    for _ in range(3):
        with pytest.raises(TimeoutError):
            connected(alone)

    alone.control("port", {"mode": "open"})
    assert health(alone) == 200


def test_a_silent_port_takes_connections_and_says_nothing(alone):
    alone.control("port", {"mode": "silence"})

    with connected(alone) as connection:
        connection.sendall(b"GET /__sandbox/health HTTP/1.1\r\n\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(1)

    alone.control("port", {"mode": "open"})
    assert health(alone) == 200


@pytest.mark.parametrize("mode", ["refuse", "black hole", "silence"])
def test_the_port_opens_by_itself_after_some_seconds(alone, mode):
    alone.control("port", {"mode": mode, "seconds": 0.3})
    with pytest.raises(OSError):
        first_byte_from(alone)

    time.sleep(0.4)
    assert health(alone) == 200


def test_a_reset_opens_the_port(alone):
    alone.control("port", {"mode": "refuse"})
    alone.reset()

    assert health(alone) == 200


def test_connections_that_are_open_end_when_the_port_closes(alone, waiting):
    alone.control("port", {"mode": "refuse"})

    with pytest.raises(ConnectionError):
        asked(waiting)


def test_the_port_may_be_closed_by_an_order_that_came_through_it(alone, waiting):
    waiting.request("POST", "/__control/port", body='{"mode": "refuse"}')
    assert waiting.getresponse().read()

    with pytest.raises(ConnectionRefusedError):
        connected(alone)
    assert alone.control("port", {"mode": "open"})["mode"] == "open"
    assert health(alone) == 200


@pytest.mark.parametrize(
    "told",
    [{}, {"mode": "ajar"}, {"mode": "refuse", "seconds": -1}, {"mode": "refuse", "seconds": float("nan")}],
)
def test_what_no_port_can_do_is_refused(sandbox, told):
    assert send(sandbox, "POST", "/__control/port", json_body=told).status == 400
    assert health(sandbox) == 200
