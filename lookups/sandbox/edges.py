"""The edges `ids_for_apps`, `ids_for_pages` and `ids_for_business`: rows, filters, selection, paging."""

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox import refusals
from lookups.sandbox.fields import Field
from lookups.sandbox.world import Asset, Person, World

KIND_OF = {"ids_for_apps": "app", "ids_for_pages": "page", "ids_for_business": "app"}
DEFAULT_LIMIT, MOST = 25, 100


def edge_of(
    world: World,
    person: Person,
    edge: str,
    params: dict[str, str],
    chosen: list[Field] | None,
    next_base: str,
) -> dict[str, Any]:
    """Answer an edge: `data`, and `paging` where there are rows. `next_base` is the URL to page on with."""
    rows = _rows(world, person, edge, _filter(world, person, edge, params))
    start, limit = _window(edge, person, params)
    page = rows[start : start + limit]
    if not page:
        return {"data": []}
    told: dict[str, Any] = {"data": [select(row, chosen, "UserIDForApp") for row in page]}
    told["paging"] = _paging(edge, person, params, start, limit, len(rows), next_base)
    return told


def select(row: dict[str, Any], chosen: list[Field] | None, node_type: str) -> dict[str, Any]:
    """Keep the chosen fields of an object, in the object's own order; `id` always."""
    if not chosen:
        return row
    wanted = {one.name: one for one in chosen}
    for name in wanted:
        if name not in row and name not in _OPTIONAL:
            raise refusals.no_such_field(name, node_type)
    kept = {}
    for name, value in row.items():
        if name in wanted and isinstance(value, dict):
            kept[name] = select(value, wanted[name].chosen, "Application")
        elif name in wanted or name == "id":
            kept[name] = value
    return kept


_OPTIONAL = {"category", "link", "name", "namespace", "instant_game_player_id"}


def _rows(world: World, person: Person, edge: str, only: str | None) -> list[dict[str, Any]]:
    """All rows in the order of the guide's samples: by scoped ID, as text. The node's own is among them."""
    kind = KIND_OF[edge]
    known = [(value, world.assets[scope]) for scope, value in person.ids.items() if world.assets[scope].kind == kind]
    return [{"id": value, kind: asset.object} for value, asset in sorted(known, key=_by_id) if only in (None, asset.id)]


def _by_id(pair: tuple[str, Asset]) -> str:
    return pair[0]


def _filter(world: World, person: Person, edge: str, params: dict[str, str]) -> str | None:
    """The app or Page the answer is narrowed to.

    The guide once spells the filter of ids_for_pages `app=`, with a Page's ID: honoured where it can be
    meant. Any other filter of the wrong name is ignored, as Graph ignores what it does not know.
    """
    kind = KIND_OF[edge]
    if params.get(kind):
        return params[kind]
    misspelt = world.assets.get(params.get("app", ""))
    if kind == "page" and misspelt and misspelt.kind == "page" and misspelt.business_id == person.business_id:
        return misspelt.id
    return None


def _window(edge: str, person: Person, params: dict[str, str]) -> tuple[int, int]:
    limit = params.get("limit", "")
    size = int(limit[:6]) if limit.isascii() and limit.isdigit() else DEFAULT_LIMIT
    size = max(1, min(size, MOST))
    if after := params.get("after", ""):
        return _place(edge, person, after) + 1, size
    if before := params.get("before", ""):
        end = _place(edge, person, before)
        return max(0, end - size), min(size, end) or 1
    return 0, size


def _paging(
    edge: str, person: Person, params: dict[str, str], start: int, limit: int, total: int, next_base: str
) -> dict[str, Any]:
    last = min(start + limit, total) - 1
    cursors = {"before": _cursor(edge, person, start), "after": _cursor(edge, person, last)}
    told: dict[str, Any] = {"cursors": cursors}
    kept = {name: params[name] for name in ("app", "page", "fields") if params.get(name)}
    if last + 1 < total:
        told["next"] = f"{next_base}&{urlencode({**kept, 'pretty': 0, 'limit': limit, 'after': cursors['after']})}"
    if start > 0:
        query = urlencode({**kept, "pretty": 0, "limit": limit, "before": cursors["before"]})
        told["previous"] = f"{next_base}&{query}"
    return told


def _cursor(edge: str, person: Person, place: int) -> str:
    mark = hashlib.sha256(f"{edge}/{person.key}".encode()).hexdigest()
    return base64.urlsafe_b64encode(f"{place}/{mark}".encode()).decode().rstrip("=")


def _place(edge: str, person: Person, cursor: str) -> int:
    for place in range(len(person.ids)):
        if _cursor(edge, person, place) == cursor:
            return place
    raise refusals.bad_cursor()
