"""Callbacks as Meta sends them when a person removes an app, or asks that his data be deleted (wire contract, 9).

Either is a POST of one form field, `signed_request`, which names the person by his ASID. An order for them is

    {"url", "app", "kind"?: "deauthorize" | "deletion", "how"?, "asids"?: [...] or "count"?: n, "at_once"?: n}

Without `asids` they are about the app's first `count` people, one by default. All are sent at once, unless `at_once`
is less.
`how` is one of

    valid            signed with the app's secret
    forged           signed with a secret that is nobody's
    tampered         another person's ASID put in after it was signed
    other app        signed with the secret of another app, `signed_by` or any
    replayed         valid, and the same bytes sent again after the answer
    stale            valid, and issued a week ago
    wrong algorithm  names an algorithm that Meta does not use

The answer lists what came back: `{"asid", "status", "body", "seconds", "accepted"}`, or `"error"` where nothing did.
`accepted` says whether Meta would be content: status 200, and for a deletion JSON with a URL and a confirmation code.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.callbacks.delivery import MOST_DELIVERIES, Delivery, checked_at_once, deliver
from lookups.sandbox.callbacks.http_client import Response, check_loopback
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.tokens import app_secret
from lookups.sandbox.world.world import World

_KINDS = ("deauthorize", "deletion")
_WAYS = ("valid", "forged", "tampered", "other app", "replayed", "stale", "wrong algorithm")
WEEK = 7 * 86400


@dataclass(frozen=True)
class CallbackOrder:
    """A checked order for callbacks."""

    url: str
    app: str
    kind: str
    how: str
    asids: list[str]
    secret: str
    at_once: int

    @classmethod
    def read(cls, graph: Graph, order: dict[str, Any]) -> "CallbackOrder":
        """Read an order; raises ValueError or LookupError."""
        url, app, kind, how = (
            str(order["url"]),
            str(order["app"]),
            order.get("kind", _KINDS[0]),
            order.get("how", _WAYS[0]),
        )
        check_loopback(url)
        if kind not in _KINDS or how not in _WAYS:
            raise ValueError(f"kind is one of {', '.join(_KINDS)}; how one of {', '.join(_WAYS)}")
        asids = [str(one) for one in order["asids"]] if "asids" in order else _people(graph, app, order.get("count", 1))
        at_once = checked_at_once(asids, order.get("at_once", MOST_DELIVERIES))
        return cls(url, app, kind, how, asids, signing_secret(graph.world, app, how, order.get("signed_by")), at_once)

    async def send(self, now: float) -> list[dict[str, Any]]:
        """Send all callbacks and give what came back, in the order of the people."""
        deliveries = [self._delivery(asid, now) for asid in self.asids]
        return await deliver(self.url, deliveries, self.at_once, self._is_accepted)

    def _delivery(self, asid: str, now: float) -> Delivery:
        body = urlencode({"signed_request": self._signed(asid, now)}).encode()
        return Delivery({"asid": asid}, body, times=2 if self.how == "replayed" else 1)

    def _is_accepted(self, response: Response) -> bool:
        if response.status != 200 or self.kind != "deletion":
            return response.status == 200
        try:
            answer = json.loads(response.body)
            return str(answer["url"]).startswith("https://") and str(answer["confirmation_code"]).isalnum()
        except (ValueError, LookupError, TypeError, RecursionError):
            return False

    def _signed(self, asid: str, now: float) -> str:
        """Give a signed request: signature, dot, payload, both in URL-safe base64 without padding."""
        algorithm = "HMAC-MD5" if self.how == "wrong algorithm" else "HMAC-SHA256"
        issued = int(now) - (WEEK if self.how == "stale" else 0)
        payload = {"algorithm": algorithm, "issued_at": issued, "expires": 0, "user_id": asid}
        signature = hmac.new(self.secret.encode(), _coded(payload), hashlib.sha256).digest()
        if self.how == "tampered":
            payload["user_id"] = asid[:-1] + str((int(asid[-1]) + 1) % 10)
        return f"{_base64(signature).decode()}.{_coded(payload).decode()}"


def _people(graph: Graph, app: str, count: Any) -> list[str]:
    people = graph.world.people_of(graph.world.assets[app].business_id)
    return list(islice((one.ids[app] for one in people if app in one.ids), int(count)))


def signing_secret(world: World, app: str, how: str, signed_by: Any) -> str:
    """Give the secret to sign with; raises LookupError where `app` or `signed_by` is no app."""
    apps = [asset.id for asset in world.assets.values() if asset.kind == "app"]
    if app not in apps or (signed_by and signed_by not in apps):
        raise LookupError("there is no such app")
    if how == "other app":
        return app_secret(world, signed_by or next(one for one in apps if one != app))
    return "nobody's" if how == "forged" else app_secret(world, app)


def _coded(payload: dict[str, Any]) -> bytes:
    return _base64(json.dumps(payload, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
