"""The four lookups and the combined queries as paths of Graph.

Which of the guide's use cases a question is follows from the node: a PSID asked with a page access token
(use cases 1 and 4) or an ASID asked with an app access token (2 and 3). Both edges travel as nested
fields of one node read.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, urlencode

PAGE_SIZE = 100
_APP_FIELDS = "id,app{id,name,namespace,category,link}"
_PLAIN = "{}(),"  # of Graph's field syntax; left as they are, since the batch is encoded once more as a whole
_PAGE_FIELDS = "id,page{id,name,category,link}"


class Edge(StrEnum):
    """The two edges of a user node."""

    APPS = "ids_for_apps"
    PAGES = "ids_for_pages"


ROW_FIELDS = {Edge.APPS: _APP_FIELDS, Edge.PAGES: _PAGE_FIELDS}


@dataclass(frozen=True)
class LinksQuestion:
    """Which IDs belong to this one? A filter goes to its own edge only (wire contract, 1.1)."""

    node_id: str
    edges: tuple[Edge, ...] = (Edge.APPS, Edge.PAGES)
    app_filter: str | None = None
    page_filter: str | None = None
    profile: tuple[str, ...] = ()

    def filter_of(self, edge: Edge) -> str | None:
        """The app or Page this edge is narrowed to."""
        return self.app_filter if edge == Edge.APPS else self.page_filter


@dataclass(frozen=True)
class ProfileQuestion:
    """What is known of this person beside the links?"""

    node_id: str
    fields: tuple[str, ...] = ("name",)


Question = LinksQuestion | ProfileQuestion


def path_of(question: Question) -> str:
    """Give the batch item's relative URL: no host, no version, no token, no proof."""
    node = quote(question.node_id, safe="")
    if isinstance(question, ProfileQuestion):
        return f"{node}?{urlencode({'fields': ','.join(question.fields)})}"
    if len(question.edges) == 1 and not question.profile:
        return _edge_path(question, question.edges[0])
    return f"{node}?{_fields_of(replace(question, node_id=''), PAGE_SIZE)}"


@lru_cache(maxsize=256)  # the same for all IDs asked about in one way
def _fields_of(question: LinksQuestion, limit: int) -> str:
    nested = [_nested(question, edge, limit) for edge in question.edges]
    return urlencode({"fields": ",".join([*question.profile, *nested])}, safe=_PLAIN)


def next_path(question: LinksQuestion, edge: Edge, after: str) -> str:
    """Give the path of an edge's next page, from its cursor: Graph's own `next` URL is never followed."""
    return _edge_path(question, edge, after)


def _edge_path(question: LinksQuestion, edge: Edge, after: str = "") -> str:
    params = {"fields": ROW_FIELDS[edge], "limit": str(PAGE_SIZE)}
    if narrowed := question.filter_of(edge):
        params["app" if edge == Edge.APPS else "page"] = narrowed
    if after:
        params["after"] = after
    return f"{quote(question.node_id, safe='')}/{edge}?{urlencode(params, safe=_PLAIN)}"


def _nested(question: LinksQuestion, edge: Edge, limit: int) -> str:
    narrowed = question.filter_of(edge)
    name = "app" if edge == Edge.APPS else "page"
    only = f".{name}({narrowed})" if narrowed else ""
    return f"{edge}.limit({limit}){only}{{{ROW_FIELDS[edge]}}}"
