"""Parameters in every form in which they may come."""

import json

import pytest

from tests.contract.wire import ASID, GAME_ASID, PSID, send
from tests.lookups.sandbox.raw_http import talk


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
