"""From a request to an answer: which address means what. Pure but for the journal and the usage counts."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.batch import answer_items
from lookups.sandbox.clock import Clock
from lookups.sandbox.edges import EDGES
from lookups.sandbox.faults import Asked, Faults
from lookups.sandbox.fields import Field, parse
from lookups.sandbox.journal import Journal
from lookups.sandbox.nodes import Reader
from lookups.sandbox.refusals import Refusal
from lookups.sandbox.request import USABLE, Request, read
from lookups.sandbox.reviews import Reviews
from lookups.sandbox.spoiling import coded, spoil_body
from lookups.sandbox.switches import Switches
from lookups.sandbox.token_endpoints import debug_token, token_for_secret
from lookups.sandbox.tokens import Tokens
from lookups.sandbox.usage import Usage
from lookups.sandbox.world import World

MOST_IDS = 50
NO_PROOF = "none needed"
USE_CASES = {
    ("page", "ids_for_apps"): 1,
    ("app", "ids_for_pages"): 2,
    ("app", "ids_for_apps"): 3,
    ("page", "ids_for_pages"): 4,
}


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

    @property
    def data(self) -> bytes:
        """The body's bytes, coded as a fault may ask for; `headers` then say so."""
        if self.body is None and "answer" not in self.fault:
            return b""
        data, headers = coded(self.text, self.fault)
        self.headers |= headers
        return data


class Graph:
    """One sandboxed Graph: its world, the state that a test may change, and what was asked of it."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self.world = world
        self.switches = switches or Switches()
        self.clock = Clock()
        self.tokens = Tokens(world, self.clock, self.switches.token_status)
        self.reviews = Reviews(world, self.clock)
        self.journal = Journal()
        self.journal.is_secret = self.tokens.is_secret
        self.faults = Faults(world.seed)
        self.usage = Usage(self.switches.usage_of_psids, self.clock)
        self.refused_edges: dict[str, tuple[int, int, str]] = {}
        self._reader = Reader(world, self.tokens, self.switches, self.reviews, self.refused_edges)

    def reset(self) -> None:
        """Back to the beginning: clock, people, assets, reviews, tokens, faults, usage, journal."""
        self.clock.ahead = 0.0
        self.world.reset()
        for state in (self.reviews, self.tokens, self.refused_edges, self.usage, self.faults, self.journal):
            state.clear()

    def answer_http(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer an HTTP request to Graph."""
        request = read(method, target, headers, body)
        if self.switches.header_token_first and request.token_in_header:
            request = replace(request, params={**request.params, "access_token": request.token_in_header})
        if request.method == "OPTIONS":
            return Answer(200, {}, {"Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS"})
        if request.method == "POST" and "batch" in request.params:
            return self._recorded(request, self._batch, calls=0)
        answer = self._recorded(request, self._answer)
        tag = f'"{hashlib.sha1(answer.text.encode(), usedforsecurity=False).hexdigest()}"'
        if answer.status == 200:
            answer.headers["ETag"] = tag
            if headers.get("if-none-match") == tag:
                return Answer(304, None, answer.headers)
        return answer

    def _recorded(
        self,
        request: Request,
        answerer: Callable[[Request], tuple[Any, str]],
        index: int | None = None,
        *,
        calls: int = 1,
    ) -> Answer:
        """Answer a question, from HTTP or from a batch: faults, usage and the journal stand around it."""
        verdict, version = NO_PROOF, request.version or USABLE[0]
        owner = self.tokens.owner_of(request.token)
        fault = self.faults.action_for(self._asked(request, index)) if self.faults.rules else {}
        try:
            if "error" in fault:
                raise refusals.on_demand(fault["error"])
            if not request.version:
                request, version = self._of_the_future(request), USABLE[-1]
            body, verdict = answerer(request)
            spoil_body(body, request, fault, self.world)
            answer = Answer(200, body)
        except Refusal as refusal:
            verdict = refusal.proof_verdict or verdict
            answer = _refusal(refusal)
        if "ids" in request.params and calls:
            calls = len(_ids(request))
        answer.headers = {**_headers(version), **self.usage.counted(owner, calls), **answer.headers}
        _spoil(answer, fault)
        if self.journal.is_read:
            size = len(answer.text.encode())
            self.journal.add(request, verdict, answer.status, answer.body, action=sorted(fault), size=size)
        return answer

    def _of_the_future(self, request: Request) -> Request:
        if self.switches.future_version_is_an_error:
            raise refusals.unknown_path(f"/{request.path[0]}")
        return replace(request, version=USABLE[-1], path=request.path[1:])

    def _answer(self, request: Request) -> tuple[Any, str]:
        path = request.path
        if path == ("oauth", "access_token"):
            return token_for_secret(self.world, self.tokens, request), NO_PROOF
        if request.method == "POST" and path[1:] == ("subscribed_apps",):
            self._reader.read(request, *path)
            return {"success": True}, NO_PROOF
        if request.method not in ("GET", "HEAD"):
            raise refusals.unknown_object("/".join(path), request.method.lower())
        if path == ("debug_token",):
            return debug_token(self.tokens, request)
        if "ids" in request.params and (not path or (len(path) == 1 and path[0] in EDGES)):
            return self._many(request)
        if not path or len(path) > 2:
            raise refusals.unknown_path("/" + "/".join(path))
        return self._reader.read(request, *path)

    def _many(self, request: Request) -> tuple[Any, str]:
        """`?ids=a,b`: one object by ID; a bad ID fails the whole (wire contract, 6.2)."""
        ids = _ids(request)
        if len(ids) > MOST_IDS:
            raise refusals.bad_parameter(f"Too many IDs. Maximum: {MOST_IDS}. Provided: {len(ids)}")
        edge = request.path[0] if request.path else ""
        told, verdict = {}, NO_PROOF
        for node_id in ids:
            try:
                told[node_id], verdict = self._reader.read(request, node_id, edge)
            except Refusal as refusal:
                if not (self.switches.bad_ids_are_left_out and refusal.is_about_the_node):
                    raise
        return told, verdict

    def _batch(self, request: Request) -> tuple[Any, str]:
        self.tokens.resolve(request.token)
        return answer_items(request, lambda item, index: self._recorded(item, self._answer, index)), NO_PROOF

    def _asked(self, request: Request, index: int | None) -> Asked:
        token = self.tokens.known(request.token)
        named = [one.name for one in fields_of(request) if one.name in EDGES] if request.path else []
        edge = request.path[1] if len(request.path) == 2 else (named[0] if len(named) == 1 else "")
        place = USE_CASES.get((token.kind, edge), 0) if token else 0
        return Asked(
            "/" + "/".join(request.path),
            token_of=token.asset.id if token else "",
            business=token.asset.business_id if token else "",
            node=request.path[0] if request.path else "",
            use_case=place,
            page=2 if request.text("after") else 1,
            item=index is not None,
            index=-1 if index is None else index,
        )


def fields_of(request: Request) -> list[Field]:
    """Give the fields a request names; none if they can't be read."""
    try:
        return parse(request.text("fields"))
    except Refusal:
        return []


def _ids(request: Request) -> list[str]:
    return [one for one in request.text("ids").split(",") if one]


def _refusal(refusal: Refusal) -> Answer:
    body = {"error": {**refusal.body, "fbtrace_id": _trace_id()}}
    word = {190: "invalid_token", 200: "insufficient_scope"}.get(refusal.body["code"], "invalid_request")
    message = str(refusal).replace('"', "'")
    return Answer(refusal.status, body, {"WWW-Authenticate": f'OAuth "Facebook Platform" "{word}" "{message}"'})


def _headers(version: str) -> dict[str, str]:
    return {
        "facebook-api-version": version,
        "x-fb-trace-id": _trace_id(),
        "x-fb-rev": "1000000000",
        "x-fb-debug": secrets.token_urlsafe(32),
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Access-Control-Allow-Origin": "*",
    }


def _spoil(answer: Answer, fault: dict[str, Any]) -> None:
    """Put the fault's headers and text in place of the answer's own; breaking connections is the server's part."""
    answer.fault = fault
    answer.headers |= fault.get("headers", {})
    if "answer" in fault:
        answer.status = int(fault["answer"].get("status", 200))
        answer.headers["Content-Type"] = str(fault["answer"].get("content_type", "application/json"))


def _trace_id() -> str:
    return "A" + secrets.token_urlsafe(16)
