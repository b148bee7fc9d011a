"""Webhooks about messages to a Page, by which an app learns PSIDs (wire contract, 8). An order is one of

    {"url", "page", "app"?, "how"?, "psids"? or "count"?: n, "at_once"?: n, "text"?, "echo"?: bool}
    {"url", "page", "verify_token": text}

The first POSTs one event for each person, in JSON, with the header `X-Hub-Signature-256` over the body's bytes. The
body writes what is not ASCII as `\\uXXXX` and each slash as `\\/`, so a signature over JSON that was parsed and written
anew is another one. An `echo` is a message by the Page: its recipient is the person. `how` is one of

    valid            signed with the secret of `app`, by default the app that manages the Page
    forged           signed with a secret that is nobody's
    tampered         another PSID put in after it was signed
    other app        signed with the secret of another app, `signed_by` or any
    replayed         valid, and the same bytes sent again after the answer
    stale            valid, about a message of a week ago
    wrong algorithm  signed by SHA-1, as before 2021
    unsigned         without the header

The second verifies the callback, as Meta does once its URL is entered: GET with `hub.mode`, `hub.verify_token` and
`hub.challenge`. The answer lists what came back, as for `signed_requests`. `accepted` means status 200, and for the
second that the challenge came back.
"""

import hashlib
import hmac
import json
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.callbacks.delivery import MOST_DELIVERIES, Delivery, checked_at_once, deliver
from lookups.sandbox.callbacks.http_client import Response, check_loopback
from lookups.sandbox.callbacks.signed_requests import WEEK, signing_secret
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.asset import Asset

_WAYS = ("valid", "forged", "tampered", "other app", "replayed", "stale", "wrong algorithm", "unsigned")


async def send_webhooks(graph: Graph, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Carry out an order; raises ValueError, LookupError or TypeError for one that makes no sense."""
    url, page, how = str(order["url"]), graph.world.assets[order["page"]], order.get("how", _WAYS[0])
    check_loopback(url)
    if page.kind != "page" or how not in _WAYS:
        raise ValueError(f"a webhook is about a Page; how is one of {', '.join(_WAYS)}")
    if "verify_token" in order:
        return await _verify(url, graph.world.secret("challenge", page.id)[:12], str(order["verify_token"]))
    psids = [str(one) for one in order["psids"]] if "psids" in order else _people(graph, page, order.get("count", 1))
    at_once = checked_at_once(psids, order.get("at_once", MOST_DELIVERIES))
    secret = signing_secret(graph.world, str(order.get("app", page.managed_by)), how, order.get("signed_by"))
    sent_at = graph.clock.now() - (WEEK if how == "stale" else 0)
    deliveries = [_delivery(_event(page, psid, sent_at, order), psid, how, secret) for psid in psids]
    return await deliver(url, deliveries, at_once, lambda response: response.status == 200)


async def _verify(url: str, challenge: str, token: str) -> list[dict[str, Any]]:
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
    asked = Delivery({"challenge": challenge}, b"", {}, method="GET")

    def is_willing(response: Response) -> bool:
        return (response.status, response.body) == (200, challenge)

    return await deliver(f"{url}{'&' if '?' in url else '?'}{query}", [asked], 1, is_willing)


def _people(graph: Graph, page: Asset, count: Any) -> list[str]:
    known = (one.ids[page.id] for one in graph.world.people_of(page.business_id) if page.id in one.ids)
    return list(islice(known, int(count)))


def _event(page: Asset, psid: str, now: float, order: dict[str, Any]) -> dict[str, Any]:
    moment = int(now * 1000)
    mid = "m_" + hashlib.sha256(f"{page.id} {psid} {moment}".encode()).hexdigest()[:40]
    message: dict[str, Any] = {"mid": mid, "text": str(order.get("text", "Xin chào"))}
    sender, recipient = psid, page.id
    if order.get("echo"):
        sender, recipient, message["is_echo"] = recipient, sender, True
    who = {"sender": {"id": sender}, "recipient": {"id": recipient}}
    entry = {"id": page.id, "time": moment, "messaging": [{**who, "timestamp": moment, "message": message}]}
    return {"object": "page", "entry": [entry]}


def _delivery(event: dict[str, Any], psid: str, how: str, secret: str) -> Delivery:
    body = _written(event)
    algorithm, name = ("sha1", "X-Hub-Signature") if how == "wrong algorithm" else ("sha256", "X-Hub-Signature-256")
    headers = {"Content-Type": "application/json"}
    if how != "unsigned":
        headers[name] = f"{algorithm}={hmac.new(secret.encode(), body, algorithm).hexdigest()}"
    if how == "tampered":
        other = psid[:-1] + str((int(psid[-1]) + 1) % 10)
        body = body.replace(f'"id":"{psid}"'.encode(), f'"id":"{other}"'.encode())
    return Delivery({"psid": psid}, body, headers, times=2 if how == "replayed" else 1)


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).replace("/", "\\/").encode("ascii")
