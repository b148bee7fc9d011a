"""The port that clients come to, closed to them in each way; and HTTPS with certificates good and bad."""

import http.client
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import warnings
from contextlib import closing

import pytest

from lookups.sandbox.wire.secured import VERSIONS
from tests.certificates import Authority
from tests.contract.wire import PSID, Caller, send
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def alone(start_sandbox):
    """A sandbox of one's own: a port that does not open again is nobody else's trouble."""
    return start_sandbox()


@pytest.fixture
def waiting(alone):
    """A connection that was open before, and has been used."""
    connection = http.client.HTTPConnection(alone.url.removeprefix("http://"), timeout=5)
    assert asked(connection) == 200
    yield connection
    connection.close()


def asked(connection: http.client.HTTPConnection) -> int:
    connection.request("GET", "/__sandbox/health")
    response = connection.getresponse()
    response.read()
    return response.status


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


def test_the_port_for_control_serves_nothing_else(sandbox):
    control = type("Control", (), {"url": sandbox.control_url})

    assert send(control, "GET", "/__control/journal").status == 200
    assert send(control, "GET", f"/{PSID}").status == 404


def test_a_port_that_is_taken_is_not_shared(sandbox):
    port = sandbox.url.rpartition(":")[2]

    done = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--control", f"--port={port}"], capture_output=True, timeout=20
    )

    assert done.returncode == 1
    assert b"cannot serve" in done.stderr


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def trusting(authority: Authority, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A client's TLS that takes the authority's certificates, and no other version than this."""
    context = ssl.create_default_context(cafile=str(authority.path))
    if version:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    return context


def ask_by_tls(
    sandbox: SandboxProcess,
    authority: Authority,
    path: str = "/__sandbox/health",
    version: ssl.TLSVersion | None = None,
) -> bytes:
    trusted = trusting(authority, version)
    connection = http.client.HTTPSConnection(sandbox.url.removeprefix("https://"), timeout=5, context=trusted)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_https_is_served_with_a_certificate(start_sandbox, authority):
    sandbox = start_sandbox(*authority.arguments())

    assert sandbox.url.startswith("https://")
    assert ask_by_tls(sandbox, authority) == b'{"ready":true}'


def test_the_next_page_is_where_the_first_was(start_sandbox, authority):
    sandbox = start_sandbox(*authority.arguments())
    page = Caller(sandbox, "John's Next Great Thing")
    question = f"/{PSID}/ids_for_apps?access_token={page.token}&appsecret_proof={page.proof}&limit=1"

    assert f'"next":"{sandbox.url}/'.encode() in ask_by_tls(sandbox, authority, question)
    sandbox.control("rules", [{"action": {"paging": "loop"}}])
    assert f'"next":"{sandbox.url}/'.encode() in ask_by_tls(sandbox, authority, question)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"days": -1}, "expired"), ({"signed_by_itself": True}, "self-signed"),
        ({"host": "192.0.2.7"}, "not valid for|IP address mismatch"),
    ],
)  # fmt: skip
def test_a_certificate_may_be_wrong(start_sandbox, authority, wrong, why):
    sandbox = start_sandbox(*authority.arguments(**wrong))

    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        ask_by_tls(sandbox, authority)


def versions_spoken(sandbox: SandboxProcess, authority: Authority) -> set[str]:
    spoken = set()
    for name, version in VERSIONS.items():
        problem = ""
        try:
            ask_by_tls(sandbox, authority, version=version)
            spoken.add(name)
        except ssl.SSLError as error:
            problem = str(error)
        assert name in spoken or "version" in problem or "protocol" in problem, problem
    return spoken


def test_one_version_of_tls_may_be_spoken_alone(start_sandbox, authority):
    sandbox = start_sandbox(*authority.arguments())

    assert versions_spoken(sandbox, authority) == {"1.2", "1.3"}
    for version in VERSIONS:
        assert sandbox.control("tls", {"version": version})["version"] == version
        assert versions_spoken(sandbox, authority) == {version}
    sandbox.reset()
    assert versions_spoken(sandbox, authority) == {"1.2", "1.3"}
    old = start_sandbox(*authority.arguments(), "--tls-version=1.0")
    assert versions_spoken(old, authority) == {"1.0"}


def test_the_certificate_may_change_in_mid_run_and_back(start_sandbox, authority):
    sandbox = start_sandbox(*authority.arguments())
    address = sandbox.url.removeprefix("https://")
    with closing(http.client.HTTPSConnection(address, timeout=5, context=trusting(authority))) as connection:
        assert asked(connection) == 200

        sandbox.control("tls", authority.issue(days=-1))

        # Which of these it is depends on whether the end of the connection or the question comes first.
        with pytest.raises((ConnectionError, ssl.SSLError, http.client.HTTPException)):
            asked(connection)
    for order, why in (
        ({}, ""),
        (authority.issue(days=-1), "expired"),
        (authority.issue(signed_by_itself=True), "self"),
    ):
        sandbox.control("tls", order)
        if why:
            with pytest.raises(ssl.SSLCertVerificationError, match=why):
                ask_by_tls(sandbox, authority)
        else:
            assert ask_by_tls(sandbox, authority)
    sandbox.reset()
    assert ask_by_tls(sandbox, authority)


@pytest.mark.parametrize("told", [{"version": "1.4"}, {"cert": "nowhere.pem"}, {"key": "x"}, {"days": 1}, {"cert": 1}])
def test_what_tls_cannot_be_is_refused_and_changes_nothing(start_sandbox, authority, told):
    sandbox = start_sandbox(*authority.arguments())

    with pytest.raises(urllib.error.HTTPError, match="400"):
        sandbox.control("tls", told)
    assert ask_by_tls(sandbox, authority) == b'{"ready":true}'


def test_without_a_certificate_there_is_no_tls_to_change(sandbox):
    assert send(sandbox, "POST", "/__control/tls", json_body={"version": "1.2"}).status == 400


def test_faults_of_the_connection_befall_https_too(start_sandbox, authority):
    sandbox = start_sandbox(*authority.arguments())
    page = Caller(sandbox, "John's Next Great Thing")
    sandbox.control("rules", [{"action": {"cut": "body"}, "times": 1}])

    with pytest.raises((ConnectionError, http.client.IncompleteRead, ssl.SSLError)):
        ask_by_tls(sandbox, authority, f"/{PSID}?access_token={page.token}")
    assert b"12345123" in ask_by_tls(sandbox, authority, f"/{PSID}?access_token={page.token}")


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
