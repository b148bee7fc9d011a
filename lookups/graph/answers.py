"""What Graph said, as values that can't change. Parsing is strict where a wrong link could come of it.

Scoped IDs and IDs of apps and Pages must be strings of 1 to 32 ASCII digits: a number may have lost its
last digits on the way. A row that breaks this is left out with its reason. Unknown fields are ignored.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from lookups.graph.edges import Edge
from lookups.graph.errors import GraphError, UnexpectedAnswer
from lookups.graph.usage import PoolUsage

LONGEST_NAME = 255
_ID = re.compile(r"[0-9]{1,32}")
LONGEST_KEPT, MOST_KEPT = 2000, 1000  # characters of one, and how many
_assets: dict[tuple[tuple[str, Any], ...], tuple["Asset", str]] = {}
_TEXTS = ("name", "namespace", "category", "link")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True)
class Receipt:
    """When and how an answer came: its proof of origin. `received_at` is aware, in UTC."""

    http_status: int
    trace_id: str
    version_asked: str
    version_served: str
    received_at: datetime
    usage: tuple[PoolUsage, ...] = ()


class Asset(NamedTuple):
    """An app or a Page as a row names it; all but the ID may be empty (wire contract, 1.1)."""

    id: str
    name: str = ""
    namespace: str = ""
    category: str = ""
    link: str = ""


class Row(NamedTuple):
    """One scoped ID, the app or Page that knows the person by it, and the hash of the row."""

    id: str
    asset: Asset
    row_hash: str


class EdgeAnswer(NamedTuple):
    """All rows of one edge. `rejected` holds why rows were left out; then it is not the whole truth."""

    rows: tuple[Row, ...]
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinksAnswer:
    """The answer to a LinksQuestion; None stands for an edge that was not asked, or that was `refused`.

    The answer's root `id` is not kept: it is no evidence (wire contract, 1.1).
    """

    node_id: str
    apps: EdgeAnswer | None
    pages: EdgeAnswer | None
    receipt: Receipt
    refused: tuple[tuple[Edge, GraphError], ...] = ()

    def edge(self, edge: Edge) -> EdgeAnswer | None:
        """Give one edge's answer."""
        return self.apps if edge == Edge.APPS else self.pages

    @property
    def complete(self) -> bool:
        """Whether every edge answered and every row was understood; pages are always read to the last."""
        return not self.refused and not any(told and told.rejected for told in (self.apps, self.pages))


@dataclass(frozen=True)
class ProfileAnswer:
    """What was told of a person; None stands for what was not."""

    node_id: str
    name: str | None
    age_range: tuple[int | None, int | None] | None
    is_payment_enabled: bool | None
    receipt: Receipt


class EdgePage(NamedTuple):
    """One page of an edge, and the cursor of the next; empty at the end."""

    rows: tuple[Row, ...]
    rejected: tuple[str, ...]
    after: str


def read_page(told: Any, edge: Edge) -> EdgePage:
    """Read one page of an edge; raises UnexpectedAnswer if it has not the shape of one.

    Only the absence of `next` means the end (wire contract, 1.4); of `next` nothing but that is used.
    """
    if not isinstance(told, dict) or not isinstance(told.get("data"), list):
        raise UnexpectedAnswer(f"Graph's answer to {edge} holds no list of rows.")
    rows, rejected = [], []
    for position, item in enumerate(told["data"], start=1):
        row = _row(item, edge)
        if isinstance(row, Row):
            rows.append(row)
        else:
            rejected.append(f"row {position} of {edge}: {row}")
    return EdgePage(tuple(rows), tuple(rejected), _after(told.get("paging"), edge))


def read_profile(node_id: str, told: Any, receipt: Receipt) -> ProfileAnswer:
    """Read a node's profile fields; raises UnexpectedAnswer if it is no node."""
    if not isinstance(told, dict):
        raise UnexpectedAnswer("Graph's answer about a person is not an object.")
    if told.get("id", node_id) != node_id:
        raise UnexpectedAnswer("Graph's answer is not about the ID that was asked about.")
    name, age, pays = told.get("name"), told.get("age_range"), told.get("is_payment_enabled")
    return ProfileAnswer(
        node_id=node_id,
        name=(plain(name) or None) if isinstance(name, str) else None,
        age_range=(_whole(age.get("min")), _whole(age.get("max"))) if isinstance(age, dict) else None,
        is_payment_enabled=pays if isinstance(pays, bool) else None,
        receipt=receipt,
    )


def plain(text: str) -> str:
    """Make a name fit to store: without NUL and lone surrogates, and not endless."""
    if text.isprintable() and text.isascii():
        return text[:LONGEST_NAME]
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()[:LONGEST_NAME]


def _row(item: Any, edge: Edge) -> Row | str:
    """Give the row, or why it is none."""
    if not isinstance(item, dict):
        return "not an object"
    kind = "app" if edge == Edge.APPS else "page"
    asset = item.get(kind)
    if not isinstance(asset, dict):
        return "names no app" if edge == Edge.APPS else "names no Page"
    for value in (item.get("id"), asset.get("id")):
        if not isinstance(value, str):
            return "an ID is not a text"
        if not _ID.fullmatch(value):
            return "an ID is not 1 to 32 digits"
    told, canonical = _known(asset)
    return Row(item["id"], told, _hash(item, kind, canonical))


def _known(asset: dict[str, Any]) -> tuple[Asset, str]:
    """Read an app or a Page, and write it as canonical JSON: once, since thousands of rows name the same few."""
    try:
        facts = tuple(asset.items())
        if known := _assets.get(facts):
            return known
    except TypeError:  # it holds what can't be a key
        facts = ()
    texts = (plain(text) if isinstance(text := asset.get(name), str) else "" for name in _TEXTS)
    read = (Asset(asset["id"], *texts), _canonical(asset))
    if facts and all(isinstance(value, str) for _, value in facts) and len(read[1]) < LONGEST_KEPT:
        if len(_assets) >= MOST_KEPT:
            _assets.clear()
        _assets[facts] = read
    return read


def _hash(item: dict[str, Any], kind: str, asset: str) -> str:
    """Hash a row's canonical JSON, keys in order; nearly every row holds its ID and its app or Page alone."""
    if len(item) > 2:
        text = _canonical(item)
    else:
        scoped_id = f'"id":"{item["id"]}"'
        text = f'{{"app":{asset},{scoped_id}}}' if kind == "app" else f'{{{scoped_id},"page":{asset}}}'
    return hashlib.sha256(text.encode()).hexdigest()


def _after(paging: Any, edge: Edge) -> str:
    if not isinstance(paging, dict) or "next" not in paging:
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if not isinstance(after, str) or not 0 < len(after) <= 2000 or not after.isprintable():
        raise UnexpectedAnswer(f"Graph says there is more of {edge}, but not where.")
    return after


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 200 else None
