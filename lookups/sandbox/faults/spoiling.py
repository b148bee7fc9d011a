"""Spoiling an answer as a fault's action says: its edges, its paging, the number of its items."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.api.fields import Field, Selection
from lookups.sandbox.api.paging import START, URL_KEEPS
from lookups.sandbox.api.request import Request
from lookups.sandbox.faults.actions import demanded_error
from lookups.sandbox.faults.question import fields_of, nodes_and_edge
from lookups.sandbox.faults.rules import Strike
from lookups.sandbox.faults.spoilt_rows import spoilt
from lookups.sandbox.world.world import World


@dataclass(frozen=True)
class EdgeAnswer:
    """One edge of one node in an answer, and the parameters or modifiers with which it was asked for."""

    node: str
    edge: str
    content: dict[str, Any]
    params: dict[str, str]

    def next_url(self, request: Request) -> str:
        """Give a URL for `paging.next` that leads back to the first page."""
        kept = {name: self.params[name] for name in (*URL_KEEPS, "limit") if self.params.get(name)}
        query = urlencode({"access_token": request.token, **kept, "pretty": 0, "after": START})
        return f"{request.scheme}://{request.host}/{request.version}/{self.node}/{self.edge}?{query}"


def spoil_body(body: Any, request: Request, strike: Strike, world: World) -> None:
    """Change an answer in place: rows and paging of its edges, or order and number of a batch's items."""
    action = strike.action
    if "items" in action and isinstance(body, list):
        body[:] = {"fewer": body[:-1], "more": [*body, *body[:1]], "reversed": body[::-1]}[action["items"]]
    for one in _edges_of(body, request):
        if one.node not in strike.nodes or one.edge not in strike.edges:
            continue
        if "rows" in action:
            one.content["data"] = spoilt(one.content["data"], one.edge, action["rows"], world)
        if "next" in action:
            paging = one.content.get("paging", {"cursors": {"before": "a", "after": "b"}})
            one.content["paging"] = {**paging, "next": action["next"]}
        if "paging" in action:
            _spoil_paging(one, request, action["paging"])
        if "edge_error" in action:
            one.content.clear()
            one.content["error"] = demanded_error(action["edge_error"]).body


def _edges_of(body: Any, request: Request) -> Iterator[EdgeAnswer]:
    """Find the edges in an answer: the answer itself, or one below each of its nodes or among their fields."""
    if not isinstance(body, dict):
        return
    nodes, edge = nodes_and_edge(request)
    answers = body if "ids" in request.params and nodes != list(request.path[:1]) else {nodes[0]: body} if nodes else {}
    params = {name: request.text(name) for name in (*URL_KEEPS, "limit", "after")}
    asked = {edge: params} if edge else {one.name: _params(one) for one in fields_of(request)}
    for node, answer in answers.items():
        for name, given in asked.items():
            content = answer if edge else answer.get(name) if isinstance(answer, dict) else None
            if isinstance(content, dict) and isinstance(content.get("data"), list):
                yield EdgeAnswer(node, name, content, given)


def _params(one: Field) -> dict[str, str]:
    """Give an edge's modifiers as parameters, as the URL of its next page needs them."""
    return {**one.modifiers, **({"fields": _written(one.chosen)} if one.chosen else {})}


def _written(fields: Selection) -> str:
    return ",".join(one.name + (f"{{{_written(one.chosen)}}}" if one.chosen else "") for one in fields)


def _spoil_paging(one: EdgeAnswer, request: Request, how: str) -> None:
    following = one.next_url(request)
    if how == "no cursors":
        one.content["paging"] = {"next": following}
    elif how == "loop" or (how == "empty" and not one.params.get("after")):
        one.content["data"] = [] if how == "empty" else one.content["data"]
        one.content["paging"] = {"cursors": {"before": START, "after": START}, "next": following}
