"""Read one page of an edge. Strict, since a wrong link could come of a row that is not what it seems.

A row whose IDs can't be trusted is left out with its reason. Unknown fields are ignored, but for the row's hash.
"""

import hashlib
import json
from typing import Any, NamedTuple

from lookups.graph.answers import LinkRow, NamedAsset
from lookups.graph.edges import EDGES, Edge
from lookups.graph.errors import UnexpectedAnswer
from lookups.graph.paging import next_cursor
from lookups.graph.storable import ID, storable_text

LONGEST_KEPT, MOST_KEPT = 2000, 1000  # characters of an asset that is kept for the next row, and how many assets
_assets: dict[tuple[tuple[str, Any], ...], tuple[NamedAsset, str]] = {}
_TEXTS = ("name", "namespace", "category", "link")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class EdgePage(NamedTuple):
    """One page of an edge, and the cursor of the next; empty at the end."""

    rows: tuple[LinkRow, ...]
    rejected: tuple[str, ...]
    after: str


def read_page(body: Any, edge: Edge) -> EdgePage:
    """Read one page of an edge; raises UnexpectedAnswer if it has not the shape of one."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise UnexpectedAnswer(f"Graph's answer to {edge} holds no list of rows.")
    gives, noun = EDGES[edge].gives, EDGES[edge].noun
    rows, rejected = [], []
    for position, item in enumerate(body["data"], start=1):
        row = _row(item, gives, noun)
        if isinstance(row, LinkRow):
            rows.append(row)
        else:
            rejected.append(f"row {position} of {edge}: {row}")
    return EdgePage(tuple(rows), tuple(rejected), next_cursor(body.get("paging"), edge))


def _row(item: Any, gives: str, noun: str) -> LinkRow | str:
    """Give the row, or why it is none."""
    if not isinstance(item, dict):
        return "not an object"
    asset = item.get(gives)
    if not isinstance(asset, dict):
        return f"names no {noun}"
    for value in (item.get("id"), asset.get("id")):
        if not isinstance(value, str):
            return "an ID is not a text"
        if not ID.fullmatch(value):
            return "an ID is not 1 to 32 digits"
    named, canonical = _named(asset)
    return LinkRow(item["id"], named, _hash(item, gives, canonical))


def _named(asset: dict[str, Any]) -> tuple[NamedAsset, str]:
    """Read an asset and write it as canonical JSON; kept, since thousands of rows name the same few assets."""
    try:
        key = tuple(asset.items())
        if kept := _assets.get(key):
            return kept
    except TypeError:  # it holds what can't be a key
        key = ()
    texts = (storable_text(text) if isinstance(text := asset.get(name), str) else "" for name in _TEXTS)
    read = (NamedAsset(asset["id"], *texts), _canonical(asset))
    if key and all(isinstance(value, str) for _, value in key) and len(read[1]) < LONGEST_KEPT:
        if len(_assets) >= MOST_KEPT:
            _assets.clear()
        _assets[key] = read
    return read


def _hash(item: dict[str, Any], asset_key: str, asset: str) -> str:
    """Hash a row's canonical JSON, keys sorted; nearly every row holds its ID and its asset alone."""
    if len(item) > 2:
        text = _canonical(item)
    elif asset_key < "id":
        text = f'{{"{asset_key}":{asset},"id":"{item["id"]}"}}'
    else:
        text = f'{{"id":"{item["id"]}","{asset_key}":{asset}}}'
    return hashlib.sha256(text.encode()).hexdigest()
