"""HTTP as odd clients speak it, and HTTP gone wrong: each gets an answer or a clean refusal."""

import pytest

from tests.contract.wire import ASID, PSID, send
from tests.lookups.sandbox.raw_http import talk


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x00\xff\xfe garbage\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
        (b"x" * 70_000, b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /%zz%00/%F0%28?fields={{{ HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
    ],
)
def test_garbage_gets_a_clean_refusal(sandbox, data, status):
    assert talk(sandbox, data).startswith(b"HTTP/1.1 " + status)


def test_half_a_request_gets_no_answer_and_holds_nobody_up(sandbox):
    assert talk(sandbox, b"GET / HTTP/1.1\r\nHost: x") == b""
    assert send(sandbox, "GET", "/__sandbox/health").status == 200


def test_pipelined_requests_are_answered_in_order(sandbox):
    one = b"GET /__sandbox/health HTTP/1.1\r\n\r\n"
    last = b"GET /nonsense HTTP/1.1\r\nConnection: close\r\n\r\n"

    received = talk(sandbox, one * 3 + last, end=False)

    assert [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"200", b"400"]


def test_chunked_bodies_are_read(sandbox):
    form = f"access_token={sandbox.asset('JohnsMovieApp')['token']}&method=get&fields=name".encode()
    head = f"POST /{ASID} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    data = head.encode() + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

    received = talk(sandbox, data + b"%x\r\n%s\r\n0\r\n\r\n" % (len(form), form), end=False)

    assert b'"name":"John Smith"' in received


def test_head_has_the_headers_and_no_body(sandbox):
    received = talk(sandbox, b"HEAD /__sandbox/health HTTP/1.1\r\nConnection: close\r\n\r\n", end=False)

    assert received.startswith(b"HTTP/1.1 200")
    assert received.endswith(b"\r\n\r\n")


def test_a_whole_url_may_stand_for_the_path(sandbox, page):
    query = f"access_token={page.token}&appsecret_proof={page.proof}&limit=1"
    target = f"HTTP://graph.example:81/v26.0/{PSID}/ids_for_apps?{query}"

    received = talk(sandbox, f"GET {target} HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n".encode())

    assert received.startswith(b"HTTP/1.1 200")
    assert b"http://graph.example:81/v26.0/" in received
    assert talk(sandbox, b"GET http://x?a=b HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert b"ready" in talk(sandbox, b"GET http://x/__sandbox/health HTTP/1.0\r\n\r\n")


def test_without_a_host_the_next_page_is_where_the_sandbox_is(sandbox, page):
    target = f"/v26.0/{PSID}/ids_for_apps?access_token={page.token}&appsecret_proof={page.proof}&limit=1"

    received = talk(sandbox, f"GET {target} HTTP/1.0\r\n\r\n".encode())

    assert f'"next":"{sandbox.url}/v26.0/{PSID}/ids_for_apps?'.encode() in received


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\ncontent-length: 2\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_length_told_twice_is_refused(sandbox, headers):
    received = talk(sandbox, b"POST /__sandbox/health HTTP/1.1\r\n" + headers + b"\r\n0\r\n\r\n")

    assert received.startswith(b"HTTP/1.1 400")
    assert received.count(b"HTTP/1.1") == 1
