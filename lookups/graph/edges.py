"""The edges of a user node, in one table. docs/adding-an-edge.md tells how to add one.

An edge is asked of one scoped ID and gives the same person's IDs in one kind of asset. Which token asks and whose
secret signs is not told here: it follows from the kind of asset whose ID is asked about, whatever the edge, and
stands with the kinds (businesses.models.asset_kind.AssetKind).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


@dataclass(frozen=True)
class EdgeFacts:
    """All that is told of one edge."""

    short: str
    """Prefix of the columns that hold what is known of the edge."""
    label: str
    """Its name on screens."""
    gives: str
    """Kind of asset whose IDs it gives: also the asset's key in a row, and the name of the filter's parameter."""
    noun: str
    """What one asset of that kind is called in a sentence."""
    asked_of: frozenset[str]
    """Kinds of asset whose scoped IDs it may be asked of."""
    fields: str
    """The fields of a row that are asked for, in Graph's syntax."""


class Edge(StrEnum):
    """An edge by its path on Graph; each property reads its row of EDGES."""

    APPS = "ids_for_apps"
    PAGES = "ids_for_pages"

    @property
    def short(self) -> str:
        """The prefix of its columns."""
        return EDGES[self].short

    @property
    def label(self) -> str:
        """Its name on screens."""
        return EDGES[self].label

    @property
    def gives(self) -> str:
        """The kind of asset whose IDs it gives."""
        return EDGES[self].gives

    @property
    def asked_of(self) -> frozenset[str]:
        """The kinds of asset whose scoped IDs it may be asked of."""
        return EDGES[self].asked_of

    @property
    def fields(self) -> str:
        """The fields of a row that are asked for."""
        return EDGES[self].fields


EDGES: Mapping[Edge, EdgeFacts] = MappingProxyType(
    {
        Edge.APPS: EdgeFacts(
            short="apps",
            label="IDs for apps",
            gives="app",
            noun="app",
            asked_of=frozenset({"app", "page"}),
            fields="id,app{id,name,namespace,category,link}",
        ),
        Edge.PAGES: EdgeFacts(
            short="pages",
            label="IDs for Pages",
            gives="page",
            noun="Page",
            asked_of=frozenset({"app", "page"}),
            fields="id,page{id,name,category,link}",
        ),
    }
)
_TO: dict[str, Edge] = {}
for _edge, _facts in EDGES.items():
    _TO.setdefault(_facts.gives, _edge)


def edge_to(kind: str) -> Edge:
    """Give the first edge that gives IDs of this kind of asset; raises KeyError if none does."""
    return _TO[kind]
