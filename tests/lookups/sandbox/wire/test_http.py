"""HTTP as odd clients speak it, and parameters in every form they come in."""

import json

import pytest

from tests.contract.wire import ASID, GAME_ASID, PSID, Caller, send
from tests.lookups.sandbox.test_server import talk


@pytest.fixture
def app(sandbox) -> Caller:
    return Caller(sandbox, "JohnsMovieApp")


@pytest.fixture
def page(sandbox) -> Caller:
    return Caller(sandbox, "John's Next Great Thing")


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


@pytest.mark.parametrize(
    ("spelt", "status"), [("{tag}", 304), ("W/{tag}", 304), ('"x", W/{tag} , "y"', 304), ("*", 304), ('"x"', 200)]
)
def test_what_the_client_has_is_not_sent_again(sandbox, app, spelt, status):
    tag = app.get(ASID).headers["etag"]
    query = {"access_token": app.token}

    reply = send(sandbox, "GET", ASID, query=query, headers={"If-None-Match": spelt.format(tag=tag)})

    assert reply.status == status
    assert reply.headers["etag"] == tag


def test_options_tells_what_a_browser_wants_to_know(sandbox):
    headers = send(sandbox, "OPTIONS", f"{PSID}/ids_for_apps").headers

    assert headers["access-control-allow-origin"] == "*"
    assert "GET" in headers["access-control-allow-methods"]
    assert "Authorization" in headers["access-control-allow-headers"]
    assert "OPTIONS" in headers["allow"]
    assert headers["facebook-api-version"] == "v26.0"


@pytest.mark.parametrize("where", ["query", "json", "form"])
def test_fields_and_ids_may_be_lists_of_json(sandbox, app, where):
    told = {"access_token": app.token, "fields": ["name", "id"], "ids": [ASID]}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}
    sent = {"query": {"query": texts}, "form": {"form": {**texts, "method": "get"}},
            "json": {"json_body": {**told, "method": "get"}}}[where]  # fmt: skip

    reply = send(sandbox, "GET" if where == "query" else "POST", "/v26.0/", **sent)

    assert reply.body == {ASID: {"name": "John Smith", "id": ASID}}


def test_a_parameter_that_is_null_is_as_if_left_out(sandbox, page):
    told = {"access_token": page.token, "appsecret_proof": page.proof, "method": "get", "after": None, "limit": None}

    reply = send(sandbox, "POST", f"{PSID}/ids_for_apps", json_body={**told, "fields": None})

    assert reply.ids == [GAME_ASID, ASID]


def test_the_method_may_be_another_than_it_seems_also_of_a_get(sandbox, app):
    batch = json.dumps([{"relative_url": ASID}])

    assert app.get("", method="post", batch=batch).body[0]["code"] == 200
    assert "Unsupported delete request" in app.get(ASID, method="delete").error["message"]
    assert app.get(ASID, method="get").status == 200


def test_a_batch_may_come_as_a_form_in_parts(sandbox, page):
    items = json.dumps([{"relative_url": f"{PSID}?fields=ids_for_apps"}, {"relative_url": PSID}])
    told = {"access_token": page.token, "appsecret_proof": page.proof, "batch": items}
    parts = [f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in told.items()]
    file = '--XX\r\nContent-Disposition: form-data; name="batch"; filename="x"\r\n\r\n{{{\r\n'
    body = "".join([*parts, file, "--XX--\r\n"])
    head = f"POST /v26.0/ HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: {len(body)}\r\n"

    received = talk(sandbox, f"{head}Connection: close\r\n\r\n{body}".encode())

    answers = json.loads(received.partition(b"\r\n\r\n")[2])
    assert [answer["code"] for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    "body", [b"", b"--XX", b"--XX\r\n\r\n--XX--", b'--XX\r\nContent-Disposition: x; name="\xff"\r\n\r\n\xff']
)
def test_parts_that_make_no_sense_hold_no_parameters(sandbox, body):
    head = f"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: {len(body)}\r\n"

    assert talk(sandbox, f"{head}Connection: close\r\n\r\n".encode() + body).startswith(b"HTTP/1.1 400")
