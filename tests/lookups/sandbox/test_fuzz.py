"""The sandbox against requests gone wrong: it answers in HTTP or hangs up, never fails, and goes on answering."""

import errno
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contract.wire import ASID, Caller, proof_of
from tests.fuzzing import fuzzed
from tests.lookups.graph.mutation import edited, edits
from tests.lookups.sandbox.fuzz_questions import FORM, KNOWN_TEXTS, Question, controls, filled, questions

PATIENCE = 5.0
HUNG_UP = {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}
JOHNS_NAME = f"/v26.0/{ASID}?access_token={{app}}"
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9]{2}) [ -~]*")
HEADER_LINE = re.compile(rb"[!#-'*+.0-9A-Z^-z|~-]+: [^\x00-\x08\x0a-\x1f\x7f]*")


@pytest.fixture
def server(sandbox):
    """The sandbox, its tokens known to the requests to come, and one connection that lives through them all."""
    movie, page = Caller(sandbox, "JohnsMovieApp"), Caller(sandbox, "John's Next Great Thing")
    KNOWN_TEXTS.update({
        "{app}": movie.token, "{app_proof}": movie.proof, "{page}": page.token, "{page_proof}": page.proof,
        "{secret}": movie.secret,
        "{business}": sandbox.asset("JohnsMovieApp")["business"], "{timed}": proof_of(movie.token, movie.secret, 1),
    })  # fmt: skip
    with closing(http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=PATIENCE)) as connection:
        yield Server(connection)
    KNOWN_TEXTS.clear()


class Server:
    """Sends bytes over connections of their own; asks for the sandbox's health over one that stays."""

    def __init__(self, watch: http.client.HTTPConnection) -> None:
        self._watch = watch

    def send(self, data: bytes, *, is_all: bool = True) -> tuple[bytes, bool]:
        """Give what comes back until the sandbox hangs up, and whether it did so in order.

        `is_all` tells the sandbox that nothing more comes; it then hangs up, answered or not.
        """
        received = b""
        ends = time.monotonic() + PATIENCE
        with socket.create_connection((self._watch.host, self._watch.port), timeout=PATIENCE) as connection:
            try:
                connection.sendall(data)
                if is_all:
                    connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    received += part
                    assert time.monotonic() < ends
            except OSError as error:
                if error.errno not in HUNG_UP:
                    raise
                return received, False
        return received, True

    @contextmanager
    def left_well(self) -> Iterator[None]:
        """See that it answers still after what was done; undo what that has changed."""
        try:
            yield
        finally:
            self.told("POST", "/__control/reset")
        assert self.told("GET", "/__sandbox/health") == {"ready": True}

    def told(self, method: str, path: str) -> Any:
        """Ask over the connection that stays."""
        self._watch.request(method, path)
        response = self._watch.getresponse()
        assert response.status == 200
        return json.loads(response.read())


def answers_in(received: bytes, *, maybe_head: bool = False) -> list[int]:
    """Give the statuses of all answers; fails where they are no HTTP."""
    statuses = []
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        status = STATUS_LINE.fullmatch(first)
        assert status, first
        assert end
        assert all(HEADER_LINE.fullmatch(line) for line in lines), lines
        headers = dict(line.lower().split(b": ", 1) for line in lines)
        length = int(headers.get(b"content-length", b"0"))
        if maybe_head and (not rest or rest.startswith(b"HTTP/1.1 ")):
            length = 0
        assert len(rest) >= length
        statuses.append(int(status[1]))
        assert int(status[1]) == 100 or b"content-length" in headers
        received = rest[length:]
    assert 500 not in statuses
    return [status for status in statuses if status != 100]


ENDLESS_FIELDS = "access_token={app}&fields=" + "a," * 400_000


@example(Question("POST", f"/{ASID}", (FORM,), ENDLESS_FIELDS)).via("a list of fields that took minutes to read")
@fuzzed(120)
@given(questions)
def test_whatever_is_asked_in_good_http_gets_one_answer(server, question):
    with server.left_well():
        received, _ = server.send(question.written(), is_all=False)

        assert len(answers_in(received, maybe_head=question.method == "HEAD")) == 1


@fuzzed(120)
@given(st.lists(questions | controls, min_size=1, max_size=3), st.lists(edits, min_size=1, max_size=5))
def test_whatever_bytes_come_get_http_or_the_end_of_the_connection(server, sent, changes):
    data = edited(b"".join(one.written() for one in sent), changes)

    with server.left_well():
        received, in_order = server.send(data)

        if in_order:
            answers_in(received, maybe_head=b"HEAD" in data.upper())


@fuzzed(80)
@given(st.lists(controls, min_size=1, max_size=3))
def test_whatever_control_is_told_it_answers_and_a_reset_undoes_it(server, orders):
    with server.left_well():
        for order in orders:
            received, _ = server.send(order.written(), is_all=False)
            assert answers_in(received) in ([200], [400], [404])
        server.send(Question(target=JOHNS_NAME).written())

    assert server.told("GET", filled(JOHNS_NAME))["name"] == "John Smith"
