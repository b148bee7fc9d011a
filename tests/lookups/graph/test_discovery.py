"""Owners and lists on the wire: secrets in the body of a POST only, odd answers refused, nothing leaked."""

import json
import re
import traceback

import pytest

from lookups.graph import Asker, GraphClient, GraphError, UnexpectedAnswer
from lookups.graph.discovery import apps_and_pages, owner_of
from lookups.graph.proof import appsecret_proof
from tests.lookups.graph.hostile_server import HostileServer, saying
from tests.lookups.graph.hostile_server import http as answer_of

TOKEN, SECRET = "canary-token-Zk3vQ9x1Lw7TnB5rYc2H", "canary-secret-8fJm2Pq6Xd4Vs0Gt1Na9"


def asked(body: object, *, status: int = 200, act=None):
    """Ask a server that answers with this; give what came, or the error, and the requests."""
    text = body if isinstance(body, str) else json.dumps(body)
    with HostileServer(saying(answer_of(status, text))) as server:
        client = GraphClient(server.url, "v26.0", deadline=3)
        try:
            return (act or owner)(client), server.requests
        except GraphError as error:
            return error, server.requests


def owner(client: GraphClient):
    return owner_of(client, "77", TOKEN, SECRET)


def listed(client: GraphClient):
    return apps_and_pages(client, "88/owned_apps", Asker(TOKEN, SECRET))


@pytest.mark.parametrize("act", [owner, listed])
def test_secrets_stand_in_the_body_of_a_post_only(act):
    _, (request,) = asked({"id": "77", "data": []}, act=act)

    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v26.0/")
    assert b"method=GET" in body
    assert TOKEN.encode() in body
    assert appsecret_proof(TOKEN, SECRET).encode() in body
    assert b"canary" not in head
    assert SECRET.encode() not in request


def test_an_owner_is_read():
    told, _ = asked({"id": "77", "owner_business": {"id": "5", "name": "Five"}})
    assert (told.id, told.name) == ("5", "Five")

    nobody, _ = asked({"id": "77"})
    assert (nobody.id, nobody.name) == ("", "")


@pytest.mark.parametrize(
    "body",
    [
        [], "1", {}, {"id": "78"}, {"id": 77}, {"id": "77", "owner_business": []},
        {"id": "77", "owner_business": {"id": 5}}, {"id": "77", "owner_business": {"id": "x"}},
    ],
)  # fmt: skip
def test_answers_that_name_no_owner_are_refused(body):
    assert type(asked(body)[0]) is UnexpectedAnswer


def test_rows_without_an_id_are_left_out_and_pages_are_asked_for_at_our_own_address():
    first = {
        "data": [{"id": "1", "name": "One\x00"}, {"id": 2}, "x", {"name": "n"}, {"id": "３"}],
        "paging": {"cursors": {"after": "abc"}, "next": "http://127.0.0.1:9/elsewhere"},
    }
    last = {"data": [{"id": "4"}]}
    with HostileServer(saying(*(answer_of(200, json.dumps(one)) for one in (first, last)))) as server:
        rows = listed(GraphClient(server.url, "v26.0", deadline=3))

    assert [(row.id, row.name) for row in rows] == [("1", "One"), ("4", "")]
    assert b"after=abc" in server.requests[1]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"data": {}}, {"data": [], "paging": {"next": "x"}}, {"data": [], "paging": {"next": 1, "cursors": []}},
        {"data": [], "paging": {"next": "x", "cursors": {"after": "same"}}},
    ],
)  # fmt: skip
def test_odd_and_endless_lists_are_refused(body):
    assert type(asked(body, act=listed)[0]) is UnexpectedAnswer


@pytest.mark.parametrize("act", [owner, listed])
def test_no_error_tells_a_token(act):
    echo = {"error": {"code": 190, "message": f"Malformed access token {TOKEN}, access_token={TOKEN}"}}

    error, _ = asked(echo, status=400, act=act)

    shown = "".join(traceback.format_exception(error)) + repr(error.__dict__)
    assert not re.search("canary-(token|secret)", shown)
