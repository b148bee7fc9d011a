"""The sandbox on the wire: whatever comes, it neither breaks nor hangs; control, journal, command line."""

import json
import socket
import subprocess
import sys
import time

import pytest

from tests.contract.wire import ASID, PSID, Caller, send


def talk(sandbox, data: bytes, *, end: bool = True) -> bytes:
    """Send raw bytes and read all that comes back."""
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        if end:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


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


@pytest.mark.parametrize("fields", ["{", "a{", "a{b", "a{b}}", ",", "a.limit(", "a" + "{b" * 50, "é", "a b", "9"])
def test_field_lists_that_make_no_sense_are_refused(sandbox, fields):
    assert Caller(sandbox, "JohnsMovieApp").get(ASID, fields=fields).status == 400


@pytest.mark.parametrize("items", ["x", "{}", "[1]", "[" * 5000, '[{"relative_url": "//["}]', '[{"method": 7}]'])
def test_batches_that_make_no_sense_are_refused_or_judged_item_by_item(sandbox, items):
    caller = Caller(sandbox, "JohnsMovieApp")
    form = {"access_token": caller.token, "batch": items}

    reply = send(sandbox, "POST", "/", form=form)

    assert reply.status == 400 or all(item["code"] >= 400 for item in reply.body)


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


def test_control_does_not_listen_beyond_this_machine():
    command = [sys.executable, "-m", "lookups.sandbox", "--port", "0", "--control", "--host", "0.0.0.0"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_a_review_begins_and_ends_on_command(sandbox):
    page = Caller(sandbox, "John's Next Great Thing")
    business = sandbox.asset("John's Next Great Thing")["business"]

    sandbox.control("reviews", {"business": business, "under_review": True})
    during = page.get(f"{PSID}/ids_for_apps").status
    sandbox.control("reviews", {"business": business, "under_review": False})

    assert (during, page.get(f"{PSID}/ids_for_apps").status) == (403, 200)


def test_latency_delays_every_answer(sandbox):
    sandbox.control("latency", {"seconds": 0.3})
    began = time.monotonic()

    Caller(sandbox, "JohnsMovieApp").get(ASID)

    assert time.monotonic() - began >= 0.3


def test_journal_and_log_tell_everything_but_secrets(start_sandbox, tmp_path):
    log = tmp_path / "log.jsonl"
    sandbox = start_sandbox("--log", str(log))
    caller = Caller(sandbox, "JohnsMovieApp")
    caller.get(f"{ASID}/ids_for_pages")
    caller.get(f"{ASID}/ids_for_pages", appsecret_proof="x")
    caller.get(f"{ASID}/ids_for_pages", proof=False)
    caller.batch(ASID)

    entries = sandbox.journal()

    assert [entry["proof"] for entry in entries[:3]] == ["ok", "wrong", "missing"]
    assert [entry["path"] for entry in entries[3:]] == [f"/{ASID}", "/"]
    assert entries[0]["params"]["access_token"].startswith("sha256:")
    assert [json.loads(line) for line in log.read_text().splitlines()] == entries
    for secret in (caller.token, caller.secret, caller.proof):
        assert secret not in log.read_text()


@pytest.mark.parametrize("arguments", [[], ["--port", "0", "--switch", "nonsense=on"], ["--port", "x"]])
def test_wrong_arguments_are_explained(arguments):
    command = [sys.executable, "-m", "lookups.sandbox", *arguments]

    done = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert done.returncode == 2
    assert "error:" in done.stderr
