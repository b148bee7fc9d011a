"""The web server itself: slow strangers hold up nobody, and what is refused is refused before it is taken in."""

import json
import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.lone_web import LoneWeb
from tests.slow_strangers import drip, slow_strangers

SLOW = 200
SECONDS = 2.0
LISTS = b"POST /admin/lookups/run/new/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=%s\r\n"
LARGE = b"Content-Length: 100000000\r\n"
FORGED = b"a" * 32


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneWeb]:
    with LoneWeb(tmp_path_factory.mktemp("web")) as running:
        yield running


def answer_to(web: LoneWeb, *parts: bytes) -> bytes:
    """Send this and no more; gives the first line of what comes back."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        return connection.recv(1000).partition(b"\r\n")[0]


def test_slow_strangers_hold_up_neither_health_nor_a_log_in(web: LoneWeb):
    web.seconds()  # the first log-in loads what all others use
    with slow_strangers(web.port, SLOW) as connections:
        drip(connections)
        told = [web.seconds() for _ in range(3)]

    # A busy machine is no failure: one round of three within the time shows that nobody is waited for.
    assert min(health for health, _ in told) < SECONDS
    assert min(log_in for _, log_in in told) < SECONDS


@pytest.mark.parametrize("more", [LARGE, LARGE + b"Expect: 100-continue\r\n"])
def test_a_large_upload_of_a_stranger_is_refused_when_its_headers_are_known(web: LoneWeb, more: bytes):
    assert b"413" in answer_to(web, LISTS % FORGED + more + b"\r\n")


def test_an_upload_of_a_stranger_without_a_length_is_refused_at_64_kb(web: LoneWeb):
    chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"

    assert b"413" in answer_to(web, LISTS % FORGED + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 5)


def test_a_large_upload_of_a_user_is_taken_in_and_judged_by_the_page(web: LoneWeb):
    visitor = web.visitor()
    page = visitor.get("/admin/lookups/run/new/")

    answer = visitor.post("/admin/lookups/run/new/", page, how="paste", text="1\n" * 400_000, business="0")

    assert answer.status_code == 400
    assert "New list" in answer.text


def test_it_ends_at_once_when_told_to_and_logs_json_alone(web: LoneWeb):
    handle = web.process.handle
    assert handle is not None
    os.kill(handle.pid, signal.SIGTERM)

    assert handle.wait(timeout=10) == 0
    lines = web.process.log.read_text().splitlines()
    assert any("listens on" in json.loads(line)["message"] for line in lines)
