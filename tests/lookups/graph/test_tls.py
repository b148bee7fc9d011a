"""TLS, as in production: a certificate that is not valid is refused, and the deadline holds there, too."""

import socket
import ssl
import time
from typing import Any

import pytest

from lookups.graph import (
    CallCredential,
    Edge,
    GraphClient,
    GraphError,
    LinksAnswer,
    LinksQuestion,
    UnexpectedAnswer,
    Unreachable,
)
from lookups.sandbox.wire.secured import Secured
from tests.certificates import Authority
from tests.lookups.graph.hostile_server import HostileServer, batch, http, saying

QUESTION = LinksQuestion("1", (Edge.APPS,))
CREDENTIAL = CallCredential(token="canary-token", app_secret="canary-secret")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """The authority, trusted as those are that browsers trust."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
    return authority


def ask(server: HostileServer, **limits: float):
    client = GraphClient(server.url.replace("http:", "https:"), "v26.0", **limits)
    try:
        return client.ask([QUESTION], CREDENTIAL)[0]
    except GraphError as error:
        return error


def secured(authority: Authority, **how: Any) -> ssl.SSLContext:
    return Secured(**authority.issue(), **how).context


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(authority):
    with HostileServer(saying(batch({"data": []})), tls=secured(authority)) as server:
        error = ask(server)

        assert isinstance(error, UnexpectedAnswer)
        assert "TLS certificate is not valid: unable to get local issuer certificate" in str(error)
        assert not error.retryable
        assert server.requests == []


def test_with_a_valid_certificate_questions_are_answered(trusted):
    with HostileServer(saying(batch({"data": []})), tls=secured(trusted)) as server:
        assert isinstance(ask(server), LinksAnswer)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_server_whose_tls_is_too_old_is_refused_before_anything_is_sent(trusted, version):
    with HostileServer(saying(batch({"data": []})), tls=secured(trusted, version=version)) as server:
        error = ask(server)

        assert isinstance(error, UnexpectedAnswer)
        assert str(error) == (
            "The server at Graph's address speaks no TLS of version 1.2 or newer. Nothing was sent to it."
        )
        assert not error.retryable
        assert server.requests == []


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_either_version_that_graph_speaks_will_do(trusted, version):
    with HostileServer(saying(batch({"data": []})), tls=secured(trusted, version=version)) as server:
        assert isinstance(ask(server), LinksAnswer)


def test_a_server_that_speaks_no_tls_is_refused_and_learns_nothing():
    heard = []

    def refuse(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(http(400, "{}"))

    with HostileServer(refuse, reads_first=False) as server:
        error = ask(server)

    assert isinstance(error, UnexpectedAnswer)
    assert not any(b"canary" in one for one in heard)
    assert "does not speak TLS" in str(error)


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03\x00"], ids=["at once", "in mid-handshake"])
def test_a_connection_that_ends_before_it_is_secure_is_tried_again(trusted, said):
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with HostileServer(hang_up, reads_first=False) as server:
        error = ask(server)

    assert isinstance(error, Unreachable)
    assert error.retryable
    assert str(error) == "The secure connection to Graph broke."


def test_what_changes_in_mid_run_is_seen_at_the_next_handshake_and_its_end_too(trusted, start_sandbox):
    sandbox = start_sandbox(*trusted.arguments())
    page = sandbox.asset("John's Next Great Thing")
    client, credential = GraphClient(sandbox.url, "v26.0"), CallCredential(page["token"], page["secret"])

    def ask_again() -> LinksAnswer | GraphError:
        try:
            return client.ask([LinksQuestion("12345123", (Edge.APPS,))], credential)[0]
        except GraphError as error:
            return error

    for change, words in (
        (trusted.issue(days=-1), "not valid: certificate has expired"),
        (trusted.issue(signed_by_itself=True), "not valid: self-signed certificate"),
        (trusted.issue("192.0.2.7"), "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ({"version": "1.0"}, "no TLS of version 1.2 or newer"),
    ):
        assert isinstance(ask_again(), LinksAnswer)
        sandbox.control("tls", change)
        heard = len(sandbox.journal())
        refused = [ask_again(), ask_again()]

        assert [type(one) for one in refused] == [UnexpectedAnswer] * 2
        assert all(words in str(one) for one in refused)
        assert len(sandbox.journal()) == heard, "nothing may be sent to whom nobody vouches for"
        sandbox.control("tls", {})
    assert isinstance(ask_again(), LinksAnswer)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Drip: ", http(200, "x" * 1000)[:-1000]], ids=["head", "body"])
def test_a_dripping_server_is_left_at_the_deadline(trusted, start):
    def drip(connection):
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.2)

    with HostileServer(drip, tls=secured(trusted)) as server:
        began = time.monotonic()
        error = ask(server, read_timeout=1, deadline=1.5)

    assert isinstance(error, Unreachable)
    assert time.monotonic() - began < 2.5
