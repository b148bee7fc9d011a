"""Questions about one scoped ID, and the paths on Graph that ask them.

Which of the guide's use cases a question is follows from the ID: a PSID is asked about with a page access token (use
cases 1 and 4), an ASID with an app access token (2 and 3). A question about several edges is one read of the node,
with the edges as nested fields.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, urlencode

from lookups.graph.edges import Edge
from lookups.graph.paging import PAGE_SIZE

_UNQUOTED = "{}(),"  # Graph's field syntax; the batch that holds the path is encoded as a whole later


@dataclass(frozen=True)
class LinksQuestion:
    """Which IDs belong to the same person as this one?

    `narrowed` pairs an edge with the Graph ID of the one app or Page that it should tell of. Such a filter goes to
    its own edge only (wire contract, 1.1).
    """

    node_id: str
    edges: tuple[Edge, ...] = tuple(Edge)
    narrowed: tuple[tuple[Edge, str], ...] = ()
    profile: tuple[str, ...] = ()

    def filter_of(self, edge: Edge) -> str | None:
        """Give the app or Page that this edge is narrowed to, by its Graph ID."""
        for narrowed_edge, graph_id in self.narrowed:
            if narrowed_edge == edge:
                return graph_id
        return None


@dataclass(frozen=True)
class ProfileQuestion:
    """What does Graph tell of this person beside the links?"""

    node_id: str
    fields: tuple[str, ...] = ("name",)


GraphQuestion = LinksQuestion | ProfileQuestion


def path_of(question: GraphQuestion) -> str:
    """Give the relative URL that asks: without host, version, token and proof."""
    node = quote(question.node_id, safe="")
    if isinstance(question, ProfileQuestion):
        return f"{node}?{urlencode({'fields': ','.join(question.fields)})}"
    if len(question.edges) == 1 and not question.profile:
        return _edge_path(question, question.edges[0])
    return f"{node}?{_fields_of(replace(question, node_id=''), PAGE_SIZE)}"


def next_path(question: LinksQuestion, edge: Edge, after: str) -> str:
    """Give the path of an edge's next page, made from its cursor; Graph's own `next` URL is never followed."""
    return _edge_path(question, edge, after)


@lru_cache(maxsize=256)  # the same for all IDs that are asked about in one way
def _fields_of(question: LinksQuestion, limit: int) -> str:
    nested = [_nested(question, edge, limit) for edge in question.edges]
    return urlencode({"fields": ",".join([*question.profile, *nested])}, safe=_UNQUOTED)


def _nested(question: LinksQuestion, edge: Edge, limit: int) -> str:
    graph_id = question.filter_of(edge)
    only = f".{edge.gives}({graph_id})" if graph_id else ""
    return f"{edge}.limit({limit}){only}{{{edge.fields}}}"


def _edge_path(question: LinksQuestion, edge: Edge, after: str = "") -> str:
    params = {"fields": edge.fields, "limit": str(PAGE_SIZE)}
    if graph_id := question.filter_of(edge):
        params[edge.gives] = graph_id
    if after:
        params["after"] = after
    return f"{quote(question.node_id, safe='')}/{edge}?{urlencode(params, safe=_UNQUOTED)}"
