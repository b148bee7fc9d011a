"""Callbacks as Meta sends them when a person removes an app, or asks that his data be deleted.

Either is a POST of one form field, `signed_request`, which names the person by his ASID (wire contract, 9).

    {"url", "app", "kind"?: "deauthorize" | "deletion", "how"?, "asids"?: [...] or "count"?: n, "at_once"?: n}

Without `asids` it is about the app's first `count` people, one by default; all at once, unless `at_once` says less.
`how` is one of

    valid            signed with the app's secret
    forged           signed with a secret that is nobody's
    tampered         another person's ASID put in after it was signed
    other app        signed with the secret of another app, `signed_by` or any
    replayed         valid, and the same bytes once more when they were answered
    stale            valid, and issued a week ago
    wrong algorithm  names an algorithm that Meta does not use

The answer lists what came back: `{"asid", "status", "body", "seconds", "accepted"}`, or `"error"` where nothing did.
`accepted`: as Meta wants it, status 200, and of a deletion the JSON with a URL and a confirmation code.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.callbacks.delivering import MOST, Letter, checked, deliver
from lookups.sandbox.callbacks.posting import Response, check_loopback
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.tokens import app_secret
from lookups.sandbox.world.world import World

KINDS = ("deauthorize", "deletion")
WAYS = ("valid", "forged", "tampered", "other app", "replayed", "stale", "wrong algorithm")
WEEK = 7 * 86400


@dataclass(frozen=True)
class Callback:
    """One order for callbacks, checked."""

    url: str
    app: str
    kind: str
    how: str
    asids: list[str]
    secret: str
    at_once: int

    @classmethod
    def read(cls, graph: Graph, told: dict[str, Any]) -> "Callback":
        """Read an order; raises ValueError or LookupError."""
        url, app, kind, how = str(told["url"]), str(told["app"]), told.get("kind", KINDS[0]), told.get("how", WAYS[0])
        check_loopback(url)
        if kind not in KINDS or how not in WAYS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}; how one of {', '.join(WAYS)}")
        asids = [str(one) for one in told["asids"]] if "asids" in told else _people(graph, app, told.get("count", 1))
        at_once = checked(asids, told.get("at_once", MOST))
        return cls(url, app, kind, how, asids, signing_secret(graph.world, app, how, told.get("signed_by")), at_once)

    async def send(self, now: float) -> list[dict[str, Any]]:
        """Send them all, and give what came back, in the order of the people."""
        letters = [self._letter(asid, now) for asid in self.asids]
        return await deliver(self.url, letters, self.at_once, self._is_accepted)

    def _letter(self, asid: str, now: float) -> Letter:
        body = urlencode({"signed_request": self._signed(asid, now)}).encode()
        return Letter({"asid": asid}, body, times=2 if self.how == "replayed" else 1)

    def _is_accepted(self, response: Response) -> bool:
        if response.status != 200 or self.kind != "deletion":
            return response.status == 200
        try:
            told = json.loads(response.body)
            return str(told["url"]).startswith("https://") and str(told["confirmation_code"]).isalnum()
        except (ValueError, LookupError, TypeError, RecursionError):
            return False

    def _signed(self, asid: str, now: float) -> str:
        """Give a signed request: signature and payload, both in URL-safe base64 without padding."""
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
    """Give the secret to sign with; raises LookupError where the app, or the other one, does not exist."""
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
