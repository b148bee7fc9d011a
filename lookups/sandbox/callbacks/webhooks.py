"""Messages to Pages as Meta tells of them: the webhook that PSIDs come from (wire contract, 8).

    {"url", "page", "app"?, "how"?, "psids"? or "count"?: n, "at_once"?: n, "text"?, "echo"?: bool}
    {"url", "page", "verify_token": text}

The first POSTs one event for each person, in JSON, with the header `X-Hub-Signature-256` over the body's bytes. There
all that is not ASCII is written `\\uXXXX` and each slash `\\/`: who parses and writes the JSON anew before he checks
gets it wrong. An `echo` is a message of the Page's, in which the person is the recipient. `how` is one of

    valid            signed with the secret of `app`, by default the app that manages the Page
    forged           signed with a secret that is nobody's
    tampered         another PSID put in after it was signed
    other app        signed with the secret of another app, `signed_by` or any
    replayed         valid, and the same bytes once more when they were answered
    stale            valid, about a message of a week ago
    wrong algorithm  signed by SHA-1, as before 2021
    unsigned         without the header

The second asks whether the callback is willing, as Meta does when it is entered: GET with `hub.mode`,
`hub.verify_token` and `hub.challenge`. What came back is told as of callbacks; `accepted` is status 200, and of the
second the challenge.
"""

import hashlib
import hmac
import json
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.callbacks.delivering import MOST, Letter, checked, deliver
from lookups.sandbox.callbacks.posting import Response, check_loopback
from lookups.sandbox.callbacks.removals import WEEK, signing_secret
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.world import Asset

WAYS = ("valid", "forged", "tampered", "other app", "replayed", "stale", "wrong algorithm", "unsigned")


async def send(graph: Graph, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Carry out an order; raises ValueError, LookupError or TypeError for one that makes no sense."""
    url, page, how = str(told["url"]), graph.world.assets[told["page"]], told.get("how", WAYS[0])
    check_loopback(url)
    if page.kind != "page" or how not in WAYS:
        raise ValueError(f"a webhook is about a Page; how is one of {', '.join(WAYS)}")
    if "verify_token" in told:
        return await _verify(url, graph.world.secret("challenge", page.id)[:12], str(told["verify_token"]))
    psids = [str(one) for one in told["psids"]] if "psids" in told else _people(graph, page, told.get("count", 1))
    at_once = checked(psids, told.get("at_once", MOST))
    secret = signing_secret(graph.world, str(told.get("app", page.managed_by)), how, told.get("signed_by"))
    sent_at = graph.clock.now() - (WEEK if how == "stale" else 0)
    letters = [_letter(_event(page, psid, sent_at, told), psid, how, secret) for psid in psids]
    return await deliver(url, letters, at_once, lambda response: response.status == 200)


async def _verify(url: str, challenge: str, token: str) -> list[dict[str, Any]]:
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
    asked = Letter({"challenge": challenge}, b"", {}, method="GET")

    def is_willing(response: Response) -> bool:
        return (response.status, response.body) == (200, challenge)

    return await deliver(f"{url}{'&' if '?' in url else '?'}{query}", [asked], 1, is_willing)


def _people(graph: Graph, page: Asset, count: Any) -> list[str]:
    known = (one.ids[page.id] for one in graph.world.people_of(page.business_id) if page.id in one.ids)
    return list(islice(known, int(count)))


def _event(page: Asset, psid: str, now: float, told: dict[str, Any]) -> dict[str, Any]:
    moment = int(now * 1000)
    mid = "m_" + hashlib.sha256(f"{page.id} {psid} {moment}".encode()).hexdigest()[:40]
    message: dict[str, Any] = {"mid": mid, "text": str(told.get("text", "Xin chào"))}
    sender, recipient = psid, page.id
    if told.get("echo"):
        sender, recipient, message["is_echo"] = recipient, sender, True
    who = {"sender": {"id": sender}, "recipient": {"id": recipient}}
    entry = {"id": page.id, "time": moment, "messaging": [{**who, "timestamp": moment, "message": message}]}
    return {"object": "page", "entry": [entry]}


def _letter(event: dict[str, Any], psid: str, how: str, secret: str) -> Letter:
    body = _written(event)
    algorithm, name = ("sha1", "X-Hub-Signature") if how == "wrong algorithm" else ("sha256", "X-Hub-Signature-256")
    headers = {"Content-Type": "application/json"}
    if how != "unsigned":
        headers[name] = f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"
    if how == "tampered":
        other = psid[:-1] + str((int(psid[-1]) + 1) % 10)
        body = body.replace(f'"id":"{psid}"'.encode(), f'"id":"{other}"'.encode())
    return Letter({"psid": psid}, body, headers, times=2 if how == "replayed" else 1)


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).replace("/", "\\/").encode("ascii")
