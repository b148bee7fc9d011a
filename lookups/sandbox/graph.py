"""From a request to an answer: which address means what. Pure but for the journal and the usage counts."""

import hashlib
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.faults import Faults
from lookups.sandbox.journal import Journal
from lookups.sandbox.nodes import EDGES, Reader
from lookups.sandbox.refusals import Refusal
from lookups.sandbox.request import USABLE, Request, read, split_version
from lookups.sandbox.switches import Switches
from lookups.sandbox.tokens import Tokens, app_secret, app_token, user_token
from lookups.sandbox.world import World

MOST_ITEMS = MOST_IDS = 50
CALLS_AN_HOUR = 200 * 10_000


@dataclass
class Answer:
    """What goes back: a JSON value, or None for no content."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    fault: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body on the wire; Graph escapes what is not ASCII."""
        if "answer" in self.fault:
            return str(self.fault["answer"]["body"])
        return json.dumps(self.body, separators=(",", ":"))


class Graph:
    """One sandboxed Graph: its world, the state that a test may change, and what was asked of it."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self.world = world
        self.switches = switches or Switches()
        self.tokens = Tokens(world)
        self.under_review = {b.id for b in world.businesses.values() if b.under_review}
        self.journal = Journal()
        self.faults = Faults(world.seed)
        self._calls: Counter[str] = Counter()
        self.refused_edges: dict[str, tuple[int, int, str]] = {}
        self.usage: dict[str, tuple[int, int]] = {}
        self._reader = Reader(world, self.tokens, self.switches, self.under_review, self.refused_edges)

    def reset(self) -> None:
        """Back to the beginning: reviews, tokens, journal, usage."""
        self.under_review.clear()
        self.under_review |= {b.id for b in self.world.businesses.values() if b.under_review}
        self.tokens.refused.clear()
        self.refused_edges.clear()
        self.usage.clear()
        self.faults.clear()
        self.journal.clear()
        self._calls.clear()

    def answer_http(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer an HTTP request to Graph."""
        refused = None
        try:
            request = read(method, target, headers, body)
        except Refusal as refusal:
            refused = refusal
        if refused:
            return self._refusal(refused, USABLE[0])
        if request.method == "OPTIONS":
            return Answer(200, {}, {"Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS"})
        if not request.path and request.method == "POST" and "batch" in request.params:
            return self._recorded(request, self._batch)
        answer = self.answer(request, is_item=False)
        tag = f'"{hashlib.sha1(answer.text.encode(), usedforsecurity=False).hexdigest()}"'
        if answer.status == 200:
            answer.headers["ETag"] = tag
            if headers.get("if-none-match") == tag:
                return Answer(304, None, answer.headers)
        return answer

    def answer(self, request: Request, *, is_item: bool) -> Answer:
        """Answer one question, from HTTP or from a batch."""
        return self._recorded(request, self._answer, is_item=is_item)

    def _recorded(
        self, request: Request, answerer: Callable[[Request], tuple[Answer, str]], *, is_item: bool = False
    ) -> Answer:
        verdict = "none needed"
        owner = self.tokens.owner_of(request.token)
        fault = self.faults.action_for("/" + "/".join(request.path), owner.id if owner else "", is_item=is_item)
        try:
            if "error" in fault:
                raise refusals.on_demand(fault["error"])
            answer, verdict = answerer(request)
        except Refusal as refusal:
            verdict = refusal.proof_verdict or verdict
            answer = self._refusal(refusal, request.version)
        answer.headers = {**self._headers(request.version), **self._usage(request), **answer.headers}
        answer.headers |= fault.get("headers", {})
        answer.fault = fault
        if "answer" in fault:
            answer.status = int(fault["answer"].get("status", 200))
            answer.headers["Content-Type"] = str(fault["answer"].get("content_type", "application/json"))
        self.journal.add(request, verdict, answer.status, answer.body)
        return answer

    def _answer(self, request: Request) -> tuple[Answer, str]:
        path = request.path
        if path == ("oauth", "access_token"):
            return Answer(200, self._token_for_secret(request)), "none needed"
        if request.method not in ("GET", "HEAD"):
            raise refusals.unknown_object("/".join(path))
        if path == ("debug_token",):
            return Answer(200, {"data": self._debug_token(request)}), "none needed"
        if "ids" in request.params and (not path or (len(path) == 1 and path[0] in EDGES)):
            return self._many(request)
        if not path or len(path) > 2:
            raise refusals.unknown_path("/" + "/".join(path))
        told, verdict = self._reader.read(request, *path)
        return Answer(200, told), verdict

    def _many(self, request: Request) -> tuple[Answer, str]:
        """`?ids=a,b`: one object by ID; a bad ID fails the whole (wire contract, 6.2)."""
        ids = [one for one in request.text("ids").split(",") if one]
        if len(ids) > MOST_IDS:
            raise refusals.bad_parameter(f"Too many IDs. Maximum: {MOST_IDS}. Provided: {len(ids)}")
        edge = request.path[0] if request.path else ""
        told, verdict = {}, "none needed"
        for node_id in ids:
            told[node_id], verdict = self._reader.read(request, node_id, edge)
        return Answer(200, told), verdict

    def _batch(self, request: Request) -> tuple[Answer, str]:
        self.tokens.resolve(request.token)
        items = request.params["batch"]
        if isinstance(items, str):
            try:
                items = json.loads(items)
            except (ValueError, RecursionError):
                items = None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise refusals.bad_parameter("batch parameter must be a JSON array")
        if len(items) > MOST_ITEMS:
            raise refusals.too_many_in_batch()
        with_headers = str(request.params.get("include_headers", "true")).lower() != "false"
        return Answer(200, [self._item(item, request, with_headers) for item in items]), "none needed"

    def _item(self, item: dict[str, Any], outer: Request, with_headers: bool) -> dict[str, Any] | None:
        answer = self._item_answer(item, outer)
        if "null" in answer.fault:
            return None
        told: dict[str, Any] = {"code": answer.status}
        if with_headers:
            told["headers"] = [{"name": name, "value": value} for name, value in answer.headers.items()]
        return {**told, "body": answer.text}

    def _item_answer(self, item: dict[str, Any], outer: Request) -> Answer:
        """Answer an item; without a token of its own it inherits the outer token, and always the proof."""
        refused = None
        try:
            body = str(item.get("body", "")).encode()
            target = "/" + str(item.get("relative_url", "")).lstrip("/")
            inner = read(str(item.get("method", "GET")).upper(), target, {}, body)
            version = split_version(target.partition("?")[0])[0] if target[1:2] == "v" else outer.version
        except (Refusal, ValueError) as error:
            refused = error if isinstance(error, Refusal) else refusals.bad_parameter("relative_url")
        if refused:
            return self._refusal(refused, outer.version)
        inherited = {"access_token": outer.token, "appsecret_proof": outer.text("appsecret_proof")}
        inherited["appsecret_time"] = outer.text("appsecret_time")
        asked = Request(inner.method, inner.path, version, inherited | inner.params, outer.host)
        return self.answer(asked, is_item=True)

    def _token_for_secret(self, request: Request) -> dict[str, Any]:
        """An app access token, or a long-lived user token for a short-lived one (wire contract, 3)."""
        app = self.world.assets.get(request.text("client_id"))
        if app is None or app.kind != "app":
            raise Refusal(400, "Error validating application. Invalid application ID.", 101)
        if request.text("client_secret") != app_secret(self.world, app.id):
            raise Refusal(400, "Error validating client secret.", 1)
        if request.text("grant_type") == "fb_exchange_token":
            token = self.tokens.resolve(request.text("fb_exchange_token"))
            if token.kind != "user" or token.app.id != app.id:
                raise refusals.bad_token()
            long_lived = user_token(self.world, app.id, token.user, long_lived=True)
            return {"access_token": long_lived, "token_type": "bearer", "expires_in": 5183944}
        if request.text("grant_type") != "client_credentials":
            raise refusals.bad_parameter("Unsupported grant_type")
        return {"access_token": app_token(self.world, app.id), "token_type": "bearer"}

    def _debug_token(self, request: Request) -> dict[str, Any]:
        if not request.token:
            raise refusals.no_debug_rights()
        caller = self.tokens.resolve(request.token)
        if caller.kind != "app":
            raise refusals.no_debug_rights()
        return self.tokens.report(request.text("input_token"))

    def _refusal(self, refusal: Refusal, version: str) -> Answer:
        body = {"error": {**refusal.body, "fbtrace_id": _trace_id()}}
        word = {190: "invalid_token", 200: "insufficient_scope"}.get(refusal.body["code"], "invalid_request")
        message = str(refusal).replace('"', "'")
        shown = {"WWW-Authenticate": f'OAuth "Facebook Platform" "{word}" "{message}"'}
        return Answer(refusal.status, body, {**self._headers(version), **shown})

    def _headers(self, version: str) -> dict[str, str]:
        return {
            "facebook-api-version": version,
            "x-fb-trace-id": _trace_id(),
            "x-fb-rev": "1000000000",
            "x-fb-debug": secrets.token_urlsafe(32),
            "Cache-Control": "private, no-cache, no-store, must-revalidate",
            "Access-Control-Allow-Origin": "*",
        }

    def _usage(self, request: Request) -> dict[str, str]:
        """Percent of the hour's calls, of the app's pool or the Page's (wire contract, 5)."""
        asset = self.tokens.owner_of(request.token)
        if asset is None:
            return {}
        key = f"{asset.id}/{int(time.time() // 3600)}"
        self._calls[key] += 1
        percent, regain = self.usage.get(asset.id, (100 * self._calls[key] // CALLS_AN_HOUR, 0))
        used = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        if asset.kind == "app":
            return {"x-app-usage": json.dumps(used, separators=(",", ":"))}
        pool = {asset.id: [{"type": "messenger", **used, "estimated_time_to_regain_access": regain}]}
        return {"x-business-use-case-usage": json.dumps(pool, separators=(",", ":"))}


def _trace_id() -> str:
    return "A" + secrets.token_urlsafe(16)
