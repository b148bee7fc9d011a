"""A disk that is full while a request is taken in is told in words; nothing is taken for the whole of it."""

import errno

import pytest
from waitress.adjustments import Adjustments

from idlink.receiving import LimitedRequest
from idlink.uploads import FULL

HEADERS = b"POST /admin/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"


def test_a_full_disk_ends_the_request_with_words(monkeypatch: pytest.MonkeyPatch):
    request = LimitedRequest(Adjustments())
    request.received(HEADERS)

    def full(data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(request.body_rcv, "received", full)
    request.received(b"a" * 100)

    assert request.completed
    assert (request.error.code, request.error.body) == (507, FULL)


def test_a_request_within_its_limit_is_taken_in():
    request = LimitedRequest(Adjustments())

    taken = [request.received(part) for part in (HEADERS, b"a" * 999, b"a")]

    assert taken == [len(HEADERS), 999, 1]
    assert request.completed
    assert request.error is None
