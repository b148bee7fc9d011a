"""Rows that a fault has spoilt: doubled, lost, about another asset, lacking a field, with odd content."""

from collections.abc import Callable
from typing import Any

from lookups.sandbox.api.edges import EDGES
from lookups.sandbox.world.world import World

_Row = dict[str, Any]
ODD_TEXT = "\x00\u202eevil\ud800<script>" + "x" * 1000


def spoilt(rows: list[_Row], edge: str, how: str, world: World) -> list[_Row]:
    """Give the rows of an edge, spoilt in one of the ways that `actions.ROWS` names."""
    if how == "duplicate":
        return [row for row in rows for _ in (1, 2)]
    if how == "fewer":
        return rows[:-1]
    if how in _EACH:
        return [_EACH[how](row) for row in rows]
    kind = EDGES[edge].gives if edge in EDGES else ""
    return [_of_another(row, kind, world, how) for row in rows]


def _another(scoped_id: str) -> str:
    return scoped_id[:-1] + str((int(scoped_id[-1]) + 1) % 10)


def _odd(row: _Row) -> _Row:
    odd = {"name": ODD_TEXT, "link": "javascript:alert(1)"}
    return {name: {**value, **odd} if isinstance(value, dict) else value for name, value in row.items()}


_EACH: dict[str, Callable[[_Row], _Row]] = {
    "contradict": lambda row: {**row, "id": _another(row["id"])},
    "without id": lambda row: {name: value for name, value in row.items() if name != "id"},
    "number as id": lambda row: {**row, "id": int(row["id"])},
    "leading zero": lambda row: {**row, "id": f"0{row['id']}"},
    "unknown fields": lambda row: {**row, "of_the_future": {"id": "1", "data": [None]}},
    "odd text": _odd,
}


def _of_another(row: _Row, kind: str, world: World, how: str) -> _Row:
    """Let a row name a wrong app or Page: another one, or one of another business or kind."""
    if kind not in row:  # not asked for
        return row
    own = world.assets[row[kind]["id"]]
    for asset in world.assets.values():
        same_business, same_kind = asset.business_id == own.business_id, asset.kind == own.kind
        wanted = {
            "other asset": same_business and same_kind and asset.id != own.id,
            "foreign": not same_business and same_kind,
            "wrong kind": same_business and not same_kind,
        }
        if wanted.get(how):
            return {**row, kind: asset.object}
    return row
