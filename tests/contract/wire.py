"""Speaks raw HTTP to the sandbox, with a proof computed by hand: nothing of the client, nothing of the sandbox."""

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from hashlib import sha256
from hmac import HMAC
from typing import Any

from tests.sandbox_process import SandboxProcess

MOVIE_APP, GAME_APP, PAGE = "259773517400382", "1419232575008550", "380374449010653"
ASID, GAME_ASID, PSID = "645195294", "10152368852405295", "12345123"

GAME_ROW = {
    "id": GAME_ASID,
    "app": {
        "category": "Business",
        "link": "https://www.facebook.com/games/?app_id=1419232575008550",
        "name": "John's Game App",
        "id": GAME_APP,
    },
}
MOVIE_ROW = {
    "id": ASID,
    "app": {
        "link": "https://apps.facebook.com/johnsmovieappns/",
        "name": "JohnsMovieApp",
        "namespace": "johnsmovieappns",
        "id": MOVIE_APP,
    },
}
PAGE_ROW = {
    "id": PSID,
    "page": {
        "category": "Musician",
        "link": "https://www.facebook.com/Johns-Next-Great-Thing-380374449010653/",
        "name": "John's Next Great Thing",
        "id": PAGE,
    },
}


@dataclass
class Reply:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def error(self) -> dict[str, Any]:
        """The error object."""
        told: dict[str, Any] = self.body["error"]
        return told

    @property
    def ids(self) -> list[str]:
        """The scoped IDs of an edge's rows."""
        return [row["id"] for row in self.body["data"]]


def proof_of(token: str, secret: str, seconds: int | None = None) -> str:
    """Compute an appsecret_proof, plain or timed."""
    message = token if seconds is None else f"{token}|{seconds}"
    return HMAC(secret.encode(), message.encode(), sha256).hexdigest()


class Caller:
    """One app or Page that asks, with its token and its app's secret."""

    def __init__(self, sandbox: SandboxProcess, name: str) -> None:
        asset = sandbox.asset(name)
        self.sandbox, self.token, self.secret = sandbox, asset["token"], asset["secret"]

    @property
    def proof(self) -> str:
        """The plain proof of this caller's token."""
        return proof_of(self.token, self.secret)

    def get(self, path: str, *, proof: bool = True, **params: object) -> Reply:
        """GET with the token, and the proof unless told otherwise, in the query."""
        given: dict[str, object] = {"access_token": self.token}
        if proof:
            given["appsecret_proof"] = self.proof
        return send(self.sandbox, "GET", path, query=given | params)

    def batch(self, *relative_urls: str, **params: object) -> Reply:
        """POST a batch as a form."""
        items = [{"method": "GET", "relative_url": url} for url in relative_urls]
        form = {"access_token": self.token, "appsecret_proof": self.proof, "batch": json.dumps(items)}
        return send(self.sandbox, "POST", "/v26.0/", form=form | params)


def send(
    sandbox: SandboxProcess,
    method: str,
    path: str,
    *,
    query: dict[str, object] | None = None,
    form: dict[str, object] | None = None,
    json_body: object = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """Send one request and read the whole answer."""
    target = urllib.parse.quote(path if path.startswith("/") else f"/v26.0/{path}")
    if query:
        target += "?" + urllib.parse.urlencode(query)
    sent, body = dict(headers or {}), None
    if form is not None:
        sent["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode(form)
    if json_body is not None:
        sent["Content-Type"], body = "application/json", json.dumps(json_body)
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=10)
    connection.request(method, target, body=body, headers=sent)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    names = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, names, json.loads(text) if text else None)


def ask(sandbox: SandboxProcess, path: str, token: str, **params: object) -> Reply:
    """GET with this token and no proof."""
    return send(sandbox, "GET", path, query={"access_token": token, **params})
