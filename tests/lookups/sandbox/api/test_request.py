"""Requests that name what the client has already, or another method."""

import json

import pytest

from tests.contract.wire import ASID, send


@pytest.mark.parametrize(
    ("spelt", "status"), [("{tag}", 304), ("W/{tag}", 304), ('"x", W/{tag} , "y"', 304), ("*", 304), ('"x"', 200)]
)
def test_what_the_client_has_is_not_sent_again(sandbox, app, spelt, status):
    tag = app.get(ASID).headers["etag"]
    query = {"access_token": app.token}

    reply = send(sandbox, "GET", ASID, query=query, headers={"If-None-Match": spelt.format(tag=tag)})

    assert reply.status == status
    assert reply.headers["etag"] == tag


def test_the_method_may_be_another_than_it_seems_also_of_a_get(sandbox, app):
    batch = json.dumps([{"relative_url": ASID}])

    assert app.get("", method="post", batch=batch).body[0]["code"] == 200
    assert "Unsupported delete request" in app.get(ASID, method="delete").error["message"]
    assert app.get(ASID, method="get").status == 200
