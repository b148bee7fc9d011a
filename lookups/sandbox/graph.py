"""From a request to an answer: which address means what, and what stands around every answer.

No I/O but the journal's file: `server` and `connection` serve it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lookups.sandbox.api.batch import answer_items
from lookups.sandbox.api.debug_token import Debugger
from lookups.sandbox.api.edges import EDGES
from lookups.sandbox.api.headers import CORS, authenticate_header, common_headers, trace_id
from lookups.sandbox.api.journal import Journal
from lookups.sandbox.api.nodes import Reader
from lookups.sandbox.api.oauth import token_for_secret
from lookups.sandbox.api.request import USABLE, Request, read_request
from lookups.sandbox.api.subscriptions import Subscriptions
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.api.writing import Writer
from lookups.sandbox.faults.actions import demanded_error
from lookups.sandbox.faults.answer import Answer
from lookups.sandbox.faults.question import question_asked
from lookups.sandbox.faults.rules import NOTHING, Faults, Strike
from lookups.sandbox.faults.spoiling import spoil_body
from lookups.sandbox.world import refusals
from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.refusals import Refusal
from lookups.sandbox.world.reviews import Reviews
from lookups.sandbox.world.tokens import Tokens
from lookups.sandbox.world.usage import Usage
from lookups.sandbox.world.world import World

MOST_IDS = 50
NO_PROOF = "none needed"


class Graph:
    """A stand-in for Graph: its world, the state that a test may change, and the journal of what was asked."""

    def __init__(self, world: World, switches: Switches | None = None) -> None:
        self.switches = self._switches_at_first = switches or Switches()
        self.clock = Clock()
        self.journal = Journal()
        self.faults = Faults(world.seed)
        self.usage = Usage(self.switches.usage_of_psids, self.clock)
        self.refused_edges: dict[str, tuple[int, int, str]] = {}
        self.let_initial_events_happen: Callable[[], None] = lambda: None
        self._world_at_first = world
        self._build_on(world)

    def _build_on(self, world: World) -> None:
        """Make everything that refers to the world."""
        self.world = world
        self.tokens = Tokens(world, self.clock, self.switches.token_status)
        self.journal.is_secret = self.tokens.is_secret
        self.reviews = Reviews(world, self.clock)
        self.subscriptions = Subscriptions(world)
        self._reader = Reader(world, self.tokens, self.switches, self.reviews, self.refused_edges, self.subscriptions)
        self._writer = Writer(world, self.tokens, self.subscriptions)
        self._debugger = Debugger(self.tokens, self.switches)

    def reset(self) -> None:
        """Undo all that was done since the start, and forget all that was asked."""
        self.enter(self._world_at_first)

    def enter(self, world: World) -> None:
        """Put this world in place of the present one, as it was at first, after its initial events."""
        if world is not self.world:
            self._build_on(world)
        self.clock.ahead = 0.0
        self.world.reset()
        for state in (self.reviews, self.tokens, self.refused_edges, self.usage, self.faults, self.journal):
            state.clear()
        self.subscriptions.clear()
        self.turn(self._switches_at_first)
        self.let_initial_events_happen()

    def turn(self, switches: Switches) -> None:
        """Follow these switches from now on."""
        self.switches = self._reader.switches = self._debugger.switches = switches
        self.tokens.status = switches.token_status
        self.usage.pool_of_pages = switches.usage_of_psids

    def answer_http(
        self, method: str, target: str, headers: dict[str, str], body: bytes, *, scheme: str = "http"
    ) -> Answer:
        """Answer an HTTP request to Graph."""
        request = read_request(method, target, headers, body, scheme=scheme)
        if self.switches.header_token_first and request.token_in_header:
            request = replace(request, params={**request.params, "access_token": request.token_in_header})
        if request.method == "OPTIONS":
            return Answer(200, {}, {**common_headers(request.version or USABLE[-1]), **CORS})
        if request.method == "POST" and "batch" in request.params:
            return self._whole_batch(request)
        answer = self._recorded(request, self._answer)
        tag = f'"{hashlib.sha1(answer.text.encode(), usedforsecurity=False).hexdigest()}"'
        if answer.status == 200:
            answer.headers["ETag"] = tag
            if request.is_kept(tag):
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
        """Answer a question, from HTTP or from a batch, with the faults, usage and journal that belong to every one."""
        verdict, version = NO_PROOF, self._served(request)
        owner = self.tokens.owner_of(request.token)
        strike = self._strike(request, index) if self.faults.rules else NOTHING
        fault = strike.action
        try:
            if self.usage.windows and calls:
                self.usage.refuse(owner)
            if "error" in fault:
                raise demanded_error(fault["error"])
            if not request.version:
                request = self._of_the_future(request)
                version = self._served(request)
            body, verdict = answerer(request)
            if fault:
                spoil_body(body, request, strike, self.world)
            answer = Answer(200, body)
        except Refusal as refusal:
            verdict = refusal.proof_verdict or verdict
            answer = _refused(refusal)
        if "ids" in request.params and calls:
            calls = len(request.ids)
        usage = self.usage.counted(owner, calls)
        shown = usage if self.switches.usage_headers in ("both", "outer" if index is None else "items") else {}
        answer.headers = {**common_headers(version), **shown, **answer.headers}
        answer.befall(fault)
        if self.journal.is_read:
            size = len(answer.text.encode())
            self.journal.add(request, verdict, answer.status, answer.body, action=sorted(fault), size=size)
        return answer

    def _served(self, request: Request) -> str:
        """Give the version that serves a request, as a header tells it."""
        return USABLE[0] if self.switches.asked_version_has_ended else request.version or USABLE[0]

    def _of_the_future(self, request: Request) -> Request:
        if self.switches.future_version_is_an_error:
            raise refusals.unknown_path(f"/{request.path[0]}")
        return replace(request, version=USABLE[-1], path=request.path[1:])

    def _answer(self, request: Request) -> tuple[Any, str]:
        path = request.path
        if path == ("oauth", "access_token"):
            return token_for_secret(self.world, self.tokens, request), NO_PROOF
        if request.method not in ("GET", "HEAD"):
            return self._writer.write(request, proof_required=self.switches.require_app_secret)
        if path == ("debug_token",):
            return self._debugger.answer(request)
        if "ids" in request.params and (not path or (len(path) == 1 and path[0] in EDGES)):
            return self._many(request)
        if not path or len(path) > 2:
            raise refusals.unknown_path("/" + "/".join(path))
        return self._reader.read(request, *path)

    def _many(self, request: Request) -> tuple[Any, str]:
        """Answer `?ids=a,b` by an object for each ID. One bad ID fails the whole (wire contract, 6.2)."""
        self.tokens.resolve(request.token)
        ids = request.ids
        if not ids:
            raise refusals.empty_identifier()
        if len(ids) > MOST_IDS:
            raise refusals.bad_parameter(f"Too many IDs. Maximum: {MOST_IDS}. Provided: {len(ids)}")
        edge = request.path[0] if request.path else ""
        answers, verdict = {}, NO_PROOF
        for node_id in ids:
            try:
                answers[node_id], verdict = self._reader.read(request, node_id, edge)
            except Refusal as refusal:
                if not (self.switches.bad_ids_are_left_out and refusal.is_about_the_node):
                    raise
        return answers, verdict

    def _whole_batch(self, request: Request) -> Answer:
        """Answer a batch. It is delayed as long as its slowest item, since Graph answers items side by side."""
        delays = [0.0]

        def one(item: Request, index: int) -> Answer:
            done = self._recorded(item, self._answer, index)
            delays.append(done.fault.get("delay", 0))
            return done

        def items(whole: Request) -> tuple[Any, str]:
            self.tokens.resolve(whole.token)
            return answer_items(whole, one), NO_PROOF

        answer = self._recorded(request, items, calls=0)
        if slowest := max(delays):
            answer.fault = {**answer.fault, "delay": answer.fault.get("delay", 0) + slowest}
        return answer

    def _strike(self, request: Request, index: int | None) -> Strike:
        return self.faults.strike(question_asked(request, self.tokens.known(request.token), index))


def _refused(refusal: Refusal) -> Answer:
    body = {"error": {**refusal.body, "fbtrace_id": trace_id()}}
    says = authenticate_header(refusal.status, refusal.body["code"], str(refusal))
    return Answer(refusal.status, body, {"WWW-Authenticate": says})
