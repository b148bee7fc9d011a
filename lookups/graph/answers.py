"""What Graph said, as values that don't change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from lookups.graph.edges import Edge
from lookups.graph.errors import GraphError
from lookups.graph.usage import PoolUsage


@dataclass(frozen=True)
class Receipt:
    """When and how an answer came: its proof of origin. `received_at` is aware, in UTC."""

    http_status: int
    trace_id: str
    version_asked: str
    version_served: str
    received_at: datetime
    usage: tuple[PoolUsage, ...] = ()


class NamedAsset(NamedTuple):
    """An app or a Page as a row names it; all but the ID may be empty (wire contract, 1.1)."""

    id: str
    name: str = ""
    namespace: str = ""
    category: str = ""
    link: str = ""


class LinkRow(NamedTuple):
    """One scoped ID, the app or Page that knows the person by it, and the hash of the row."""

    id: str
    asset: NamedAsset
    row_hash: str


class EdgeAnswer(NamedTuple):
    """The rows of one edge; `rejected` tells why rows were left out. `is_whole`: its pages were read to the last."""

    rows: tuple[LinkRow, ...]
    rejected: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def complete(self) -> bool:
        """Whether what is missing here is missing at Graph, too."""
        return self.is_whole and not self.rejected


@dataclass(frozen=True)
class LinksAnswer:
    """The answer to a LinksQuestion: what was `told` by each edge that answered, and why others `refused`.

    `broke_off` says why an edge could not be read to its last page: the rows of its first pages are told all the same.
    The answer's root `id` is not kept: it is no evidence (wire contract, 1.1).
    """

    node_id: str
    told: Mapping[Edge, EdgeAnswer]
    receipt: Receipt
    refused: tuple[tuple[Edge, GraphError], ...] = ()
    broke_off: GraphError | None = None

    def edge(self, edge: Edge) -> EdgeAnswer | None:
        """Give one edge's answer; None if it was not asked, or refused."""
        return self.told.get(edge)

    @property
    def complete(self) -> bool:
        """Whether each edge answered, to its last page, and each row could be read."""
        return not self.refused and all(answer.complete for answer in self.told.values())


@dataclass(frozen=True)
class ProfileAnswer:
    """What Graph tells of a person; None stands for what it does not tell."""

    node_id: str
    name: str | None
    age_range: tuple[int | None, int | None] | None
    is_payment_enabled: bool | None
    receipt: Receipt


GraphReply = LinksAnswer | ProfileAnswer | GraphError
