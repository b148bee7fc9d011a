"""One request, or item of a batch, in the terms that rules match by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lookups.sandbox.api.edges import EDGES
from lookups.sandbox.api.fields import Selection, parse
from lookups.sandbox.api.journal import hashed
from lookups.sandbox.api.paging import page_number
from lookups.sandbox.api.request import Request
from lookups.sandbox.world.refusals import Refusal
from lookups.sandbox.world.tokens import Token


@dataclass(frozen=True)
class Question:
    """What rules may match by. `edges` are those that are read, each with its use case in the guide or 0."""

    path: str
    token: str = ""
    token_of: str = ""
    business: str = ""
    nodes: frozenset[str] = frozenset()
    edges: Mapping[str, int] = field(default_factory=dict)
    page: int = 1
    item: bool = False
    index: int = -1


def question_asked(request: Request, token: Token | None, index: int | None) -> Question:
    """Describe a request; `index` is the place of an item in its batch, None for a whole request."""
    nodes, edge = nodes_and_edge(request)
    fields = () if edge else fields_of(request)
    edges = [edge] if edge else [one.name for one in fields if one.name in EDGES]
    return Question(
        "/" + "/".join(request.path),
        token=hashed(request.token) if request.token else "",
        token_of=token.asset.id if token else "",
        business=token.business_id if token else "",
        nodes=frozenset(nodes),
        edges={name: _use_case(name, token) for name in edges},
        page=_page(request, fields),
        item=index is not None,
        index=-1 if index is None else index,
    )


def _use_case(edge: str, token: Token | None) -> int:
    asking = EDGES[edge].asked_of.get(token.kind) if token and edge in EDGES else None
    return asking.use_case if asking else 0


def nodes_and_edge(request: Request) -> tuple[list[str], str]:
    """Give the nodes that a request reads, and the edge if the path names one."""
    path = request.path
    if "ids" in request.params and (not path or path[0] in EDGES):
        return request.ids, path[0] if path else ""
    return list(path[:1]), path[1] if len(path) == 2 else ""


def fields_of(request: Request) -> Selection:
    """Give the fields that a request names; none if the list can't be read."""
    try:
        return parse(request.text("fields"))
    except Refusal:
        return ()


def _page(request: Request, fields: Selection) -> int:
    """Give the number of the page; for several edges the highest of their numbers."""
    own = page_number(request.text("after"), request.text("before"))
    nested = (page_number(one.modifiers.get("after", ""), one.modifiers.get("before", "")) for one in fields)
    return max([own, *nested])
