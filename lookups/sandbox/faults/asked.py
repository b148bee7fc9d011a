"""One request or item of a batch in the terms of the rules that say what goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lookups.sandbox.api.edges import EDGES
from lookups.sandbox.api.fields import Selection, parse
from lookups.sandbox.api.journal import hashed
from lookups.sandbox.api.paging import page_number
from lookups.sandbox.api.request import Request
from lookups.sandbox.world.refusals import Refusal
from lookups.sandbox.world.tokens import Token

USE_CASES = {
    ("page", "ids_for_apps"): 1,
    ("app", "ids_for_pages"): 2,
    ("app", "ids_for_apps"): 3,
    ("page", "ids_for_pages"): 4,
}


@dataclass(frozen=True)
class Asked:
    """What rules look at. `edges` holds the use case of each edge that is read, 0 for none of the guide's."""

    path: str
    token: str = ""
    token_of: str = ""
    business: str = ""
    nodes: frozenset[str] = frozenset()
    edges: Mapping[str, int] = field(default_factory=dict)
    page: int = 1
    item: bool = False
    index: int = -1


def asked_by(request: Request, token: Token | None, index: int | None) -> Asked:
    """Put a request, or an item with its place in the batch, in the rules' terms."""
    nodes, edge = place_of(request)
    fields = () if edge else fields_of(request)
    edges = [edge] if edge else [one.name for one in fields if one.name in EDGES]
    return Asked(
        "/" + "/".join(request.path),
        token=hashed(request.token) if request.token else "",
        token_of=token.asset.id if token else "",
        business=token.business_id if token else "",
        nodes=frozenset(nodes),
        edges={name: USE_CASES.get((token.kind, name), 0) if token else 0 for name in edges},
        page=_page(request, fields),
        item=index is not None,
        index=-1 if index is None else index,
    )


def place_of(request: Request) -> tuple[list[str], str]:
    """Give the nodes that a request reads, and the edge if it reads one of theirs only."""
    path = request.path
    if "ids" in request.params and (not path or path[0] in EDGES):
        return request.ids, path[0] if path else ""
    return list(path[:1]), path[1] if len(path) == 2 else ""


def fields_of(request: Request) -> Selection:
    """Give the fields a request names; none if they can't be read."""
    try:
        return parse(request.text("fields"))
    except Refusal:
        return ()


def _page(request: Request, fields: Selection) -> int:
    """Give the number of the page; of several edges that of the one furthest on."""
    own = page_number(request.text("after"), request.text("before"))
    nested = (page_number(one.modifiers.get("after", ""), one.modifiers.get("before", "")) for one in fields)
    return max([own, *nested])
