"""Spoiling an answer as a fault's action says: its edges, its paging, its text, its coding."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.api.fields import Field, Selection
from lookups.sandbox.api.paging import KEPT, START
from lookups.sandbox.api.request import Request
from lookups.sandbox.faults.actions import refusal
from lookups.sandbox.faults.asked import fields_of, place_of
from lookups.sandbox.faults.rules import Strike
from lookups.sandbox.faults.spoilt_rows import spoilt
from lookups.sandbox.world.world import World

_BOMB_BYTES = 64 * 1024 * 1024  # more than a client should ever take in


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b" " * _BOMB_BYTES, 1)


@dataclass(frozen=True)
class EdgeAnswer:
    """One edge of one node in an answer: what was told, and with which parameters or modifiers it was asked for."""

    node: str
    edge: str
    told: dict[str, Any]
    params: dict[str, str]

    def next_url(self, request: Request) -> str:
        """Give the URL of a page that starts anew: as any next, but that its cursor never moves on."""
        kept = {name: self.params[name] for name in (*KEPT, "limit") if self.params.get(name)}
        query = urlencode({"access_token": request.token, **kept, "pretty": 0, "after": START})
        return f"{request.scheme}://{request.host}/{request.version}/{self.node}/{self.edge}?{query}"


def spoil_body(body: Any, request: Request, strike: Strike, world: World) -> None:
    """Change an answer in place: its edges' rows and paging, or the order and number of a batch's items."""
    action = strike.action
    if "items" in action and isinstance(body, list):
        body[:] = {"fewer": body[:-1], "more": [*body, *body[:1]], "reversed": body[::-1]}[action["items"]]
    for one in _edges_of(body, request):
        if one.node not in strike.nodes or one.edge not in strike.edges:
            continue
        if "rows" in action:
            one.told["data"] = spoilt(one.told["data"], one.edge, action["rows"], world)
        if "next" in action:
            paging = one.told.get("paging", {"cursors": {"before": "a", "after": "b"}})
            one.told["paging"] = {**paging, "next": action["next"]}
        if "paging" in action:
            _spoil_paging(one, request, action["paging"])
        if "edge_error" in action:
            one.told.clear()
            one.told["error"] = refusal(action["edge_error"]).body


def coded(text: str, action: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Give the body's bytes, and the headers that go with them."""
    data = text.encode()
    if "charset" in action:
        data = text.encode(action["charset"], "replace")
    coding = action.get("coding")
    if coding == "gzip":
        return gzip.compress(data), {"Content-Encoding": "gzip"}
    if coding == "broken gzip":
        return gzip.compress(data)[:-12] + b"nonsense", {"Content-Encoding": "gzip"}
    if coding == "bomb":
        return _bomb(), {"Content-Encoding": "gzip"}
    return data, {}


def _edges_of(body: Any, request: Request) -> Iterator[EdgeAnswer]:
    """Find the edges of an answer: itself, or below each node that was read, or below the fields."""
    if not isinstance(body, dict):
        return
    nodes, edge = place_of(request)
    answers = body if "ids" in request.params and nodes != list(request.path[:1]) else {nodes[0]: body} if nodes else {}
    params = {name: request.text(name) for name in (*KEPT, "limit", "after")}
    asked = {edge: params} if edge else {one.name: _params(one) for one in fields_of(request)}
    for node, answer in answers.items():
        for name, given in asked.items():
            told = answer if edge else answer.get(name) if isinstance(answer, dict) else None
            if isinstance(told, dict) and isinstance(told.get("data"), list):
                yield EdgeAnswer(node, name, told, given)


def _params(one: Field) -> dict[str, str]:
    """Give an edge's modifiers as the parameters by which its next page is asked for."""
    return {**one.modifiers, **({"fields": _written(one.chosen)} if one.chosen else {})}


def _written(fields: Selection) -> str:
    return ",".join(one.name + (f"{{{_written(one.chosen)}}}" if one.chosen else "") for one in fields)


def _spoil_paging(one: EdgeAnswer, request: Request, how: str) -> None:
    following = one.next_url(request)
    if how == "no cursors":
        one.told["paging"] = {"next": following}
    elif how == "loop" or (how == "empty" and not one.params.get("after")):
        one.told["data"] = [] if how == "empty" else one.told["data"]
        one.told["paging"] = {"cursors": {"before": START, "after": START}, "next": following}
