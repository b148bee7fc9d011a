"""Answers no Graph should give: each ends as a classified error, in time, and nothing is followed or believed."""

import gzip
import json
import time

import pytest

from lookups.graph import (
    CallCredential,
    Edge,
    GraphClient,
    GraphError,
    LinksAnswer,
    LinksQuestion,
    ServerTrouble,
    TooManyCalls,
    UnexpectedAnswer,
    Unreachable,
)
from tests.lookups.graph.hostile_server import HostileServer, batch, http, reset, saying

CREDENTIAL = CallCredential(token="token-canary-1", app_secret="secret-canary-1")
BOTH = LinksQuestion("1")
APPS = LinksQuestion("1", (Edge.APPS,))
ROW = {"id": "5", "app": {"id": "7", "name": "x"}}


def ask(url: str, question: LinksQuestion = APPS, **limits: float):
    """The one reply, or the error that the whole call raised."""
    client = GraphClient(url, "v26.0", **{"connect_timeout": 2, "read_timeout": 1, "deadline": 2, **limits})
    try:
        return client.ask([question], CREDENTIAL)[0]
    except GraphError as error:
        return error


def reply_to(*answers: bytes, question: LinksQuestion = APPS):
    with HostileServer(saying(*answers)) as server:
        return ask(server.url, question, read_timeout=30, deadline=30)  # a busy machine is no failure


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(200, "<html>hello</html>", "text/html"), UnexpectedAnswer),
        (http(502, "<html>bad gateway</html>", "text/html"), ServerTrouble),
        (http(503, ""), ServerTrouble),
        (http(429, "slow down", "text/plain"), TooManyCalls),
        (http(200, ""), UnexpectedAnswer),
        (http(200, '[{"code": 200, "body"'), UnexpectedAnswer),
        (http(200, "[" * 100_000), UnexpectedAnswer),
        (http(200, "1" * 5000), UnexpectedAnswer),
        (http(200, "[NaN]"), UnexpectedAnswer),
        (http(200, b"\xff\xfe\x00"), UnexpectedAnswer),
        (http(200, "null"), ServerTrouble),
        (http(200, "[]"), ServerTrouble),
        (http(200, "{}"), ServerTrouble),
        (http(200, "[null, null]"), UnexpectedAnswer),
        (http(200, "[null]"), ServerTrouble),
        (http(200, "[[]]"), UnexpectedAnswer),
        (http(200, '[{"code": "200", "body": "{}"}]'), UnexpectedAnswer),
        (http(200, '[{"code": 200, "body": {}}]'), UnexpectedAnswer),
        (http(200, '{"error": {"code": 4, "message": "(#4) limit"}}'), TooManyCalls),
        (http(200, '{"error": 190, "error_description": "old"}'), GraphError),
        (http(500, '{"error": {"code": 2, "message": "down", "is_transient": true}}'), ServerTrouble),
        (batch("<html>"), UnexpectedAnswer),
        (batch("<html>", status=502), ServerTrouble),
        (batch("[]"), UnexpectedAnswer),
        (batch("null"), UnexpectedAnswer),
        (batch({"data": None}), UnexpectedAnswer),
        (batch({"data": {}}), UnexpectedAnswer),
        (batch({"ids": []}), UnexpectedAnswer),
        (batch({"data": [], "paging": {"next": "http://x/", "cursors": {}}}), UnexpectedAnswer),
        (batch({"data": [], "paging": {"next": "http://x/", "cursors": {"after": 7}}}), UnexpectedAnswer),
        (batch({"id": "1"}, status=500), ServerTrouble),
    ],
)
def test_a_broken_answer_is_classified_and_never_taken_for_no_match(answer, error):
    reply = reply_to(answer)

    assert isinstance(reply, error), repr(reply)
    assert "canary" not in str(reply)


@pytest.mark.parametrize("told", [None, [], "x", {"data": "x"}, {"data": None}, 7])
def test_an_edge_of_the_wrong_type_in_a_node_is_refused(told):
    assert isinstance(reply_to(batch({"id": "1", "ids_for_apps": told}), question=BOTH), UnexpectedAnswer)


def test_an_edge_left_out_of_a_node_is_empty():
    reply = reply_to(batch({"id": "1"}), question=BOTH)

    assert isinstance(reply, LinksAnswer)
    assert (reply.edge(Edge.APPS).rows, reply.edge(Edge.PAGES).rows) == ((), ())


@pytest.mark.parametrize(
    "row",
    [
        {"id": 5, "app": {"id": "7"}},
        {"id": "5", "app": {"id": 7}},
        {"id": "5a", "app": {"id": "7"}},
        {"id": "1" * 33, "app": {"id": "7"}},
        {"id": "１２", "app": {"id": "7"}},
        {"app": {"id": "7"}},
        {"id": "5"},
        {"id": "5", "app": None},
        None,
        "x",
    ],
)
def test_a_row_that_cannot_be_trusted_is_left_out_with_its_reason_and_costs_no_other(row):
    reply = reply_to(batch({"data": [row, ROW]}))

    assert [told.id for told in reply.edge(Edge.APPS).rows] == ["5"]
    assert len(reply.edge(Edge.APPS).rejected) == 1
    assert not reply.complete


def test_hostile_names_are_made_fit_to_store():
    name = 'a\x00b\ud83d"><svg onload=x>' + "x" * 1_000_000

    reply = reply_to(batch({"data": [{"id": "5", "app": {"id": "7", "name": name}}]}))

    assert reply.edge(Edge.APPS).rows[0].asset.name.startswith('ab"><svg onload=x>xxx')
    assert len(reply.edge(Edge.APPS).rows[0].asset.name) == 255
    reply.edge(Edge.APPS).rows[0].asset.name.encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status):
    with HostileServer(saying(http(200, "{}"))) as trap:
        reply = reply_to(http(status, "", Location=f"{trap.url}/x"))

        assert isinstance(reply, UnexpectedAnswer)
        assert trap.requests == []


@pytest.mark.parametrize("spelling", ["http://{}/x?after=Z", "//{}/x", "https://graph.facebook.com@{}/", "/\\{}/"])
def test_next_is_never_requested_as_given(spelling):
    with HostileServer(saying(http(200, "{}"))) as trap:
        url = spelling.format(trap.url.removeprefix("http://"))
        first = batch({"data": [ROW], "paging": {"next": url, "cursors": {"after": "Q"}}})
        with HostileServer(saying(first, batch({"data": [{**ROW, "id": "6"}]}))) as server:
            reply = ask(server.url)

            assert [row.id for row in reply.edge(Edge.APPS).rows] == ["5", "6"]
            assert len(server.requests) == 2
            assert b"after%3DQ" in server.requests[1]
        assert trap.requests == []


def test_pages_that_go_round_in_a_circle_are_left():
    page = batch({"data": [ROW], "paging": {"next": "http://x/", "cursors": {"after": "Q"}}})

    assert "circle" in str(reply_to(page).broke_off)


def test_an_empty_page_in_the_middle_is_not_the_end():
    more = {"next": "http://x/", "cursors": {"after": "Q"}}
    last = {"next": "http://x/", "cursors": {"after": "R"}}
    pages = [{"data": [ROW], "paging": more}, {"data": [], "paging": last}, {"data": [{**ROW, "id": "6"}]}]

    reply = reply_to(*[batch(page) for page in pages])

    assert [row.id for row in reply.edge(Edge.APPS).rows] == ["5", "6"]


def test_a_failing_second_page_leaves_the_first_as_what_it_is_half_an_answer(monkeypatch):
    monkeypatch.setattr("lookups.graph.page_by_page.FIRST_PAUSE", 0.01)
    first = batch({"data": [ROW], "paging": {"next": "http://x/", "cursors": {"after": "Q"}}})

    reply = reply_to(first, http(502, ""))

    assert isinstance(reply.broke_off, ServerTrouble)
    assert not reply.complete
    assert [row.id for row in reply.edge(Edge.APPS).rows] == ["5"]


@pytest.mark.parametrize(
    "behave",
    [
        reset,
        lambda connection: None,
        lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"), reset(connection)),
        lambda connection: (connection.sendall(http(200, "[null]")[:-3]), reset(connection)),
        lambda connection: connection.sendall(http(200, "[null]")[:-3]),
        lambda connection: connection.sendall(b"\x00\x01 what?\r\n\r\n"),
    ],
    ids=["reset", "hang up", "in headers", "in the body", "body too short", "no HTTP"],
)
def test_a_broken_connection_is_unreachable(behave):
    with HostileServer(behave) as server:
        assert isinstance(ask(server.url), Unreachable)


def test_nobody_there_is_unreachable():
    with HostileServer(reset) as server:
        url = server.url
    assert isinstance(ask(url), Unreachable)


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Drip: ", http(200, "x" * 1000)[:-1000]], ids=["head", "body"])
def test_a_server_that_drips_does_not_hold_us_beyond_the_deadline(start):
    def drip(connection):
        connection.sendall(start)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.2)

    with HostileServer(drip) as server:
        began = time.monotonic()
        reply = ask(server.url, deadline=1.5)

    assert isinstance(reply, Unreachable)
    assert time.monotonic() - began < 2.5


def test_a_silent_server_is_left_after_the_read_timeout():
    with HostileServer(lambda connection: time.sleep(5)) as server:
        began = time.monotonic()
        assert isinstance(ask(server.url, read_timeout=0.5), Unreachable)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("packed", [True, False])
def test_a_body_without_end_is_cut_off(packed):
    body = b"[" + b" " * 20_000_000
    sent = http(200, gzip.compress(body), Content_Encoding="gzip") if packed else http(200, body)

    assert "larger than any answer" in str(reply_to(sent))


def test_a_limit_tells_how_long_to_wait():
    usage = {"7": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    headers = [{"name": "x-business-use-case-usage", "value": json.dumps(usage)}]

    reply = reply_to(batch({"error": {"code": 80006, "message": "(#80006) too many"}}, status=400, headers=headers))

    assert isinstance(reply, TooManyCalls)
    assert reply.wait_seconds == 19 * 60


@pytest.mark.parametrize(
    ("after", "seconds"), [("120", 120), ("999999999", 6 * 3600), ("-5", None), ("Wed, 21 Oct 2026", None)]
)
def test_retry_after_is_bounded_and_nonsense_ignored(after, seconds):
    reply = reply_to(http(400, '{"error": {"code": 4, "message": "(#4)"}}', Retry_After=after))

    assert reply.wait_seconds == seconds


def test_proxies_and_netrc_of_the_machine_are_ignored(monkeypatch, tmp_path):
    with HostileServer(saying(http(200, "{}"))) as trap:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b")
        for name, value in {"HTTP_PROXY": trap.url, "http_proxy": trap.url, "NETRC": str(tmp_path / "netrc")}.items():
            monkeypatch.setenv(name, value)
        with HostileServer(saying(batch({"data": []}))) as server:
            assert isinstance(ask(server.url), LinksAnswer)
            assert b"authorization" not in server.requests[0].lower()
        assert trap.requests == []
