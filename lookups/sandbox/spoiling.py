"""Spoiling an answer as a fault's action says: its rows, its paging, its text, its headers, its coding."""

import gzip
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.edges import EDGES
from lookups.sandbox.paging import START
from lookups.sandbox.request import Request
from lookups.sandbox.world import World

_BOMB_BYTES = 64 * 1024 * 1024  # more than a client should ever take in


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b" " * _BOMB_BYTES, 1)


def spoil_body(body: Any, request: Request, action: dict[str, Any], world: World) -> None:
    """Change an answer in place: its edges' rows and paging, or the order and number of a batch's items."""
    if "items" in action and isinstance(body, list):
        body[:] = {"fewer": body[:-1], "more": [*body, *body[:1]], "reversed": body[::-1]}[action["items"]]
    for edge, told in _edges_of(body, request):
        if action.get("rows") == "duplicate":
            told["data"] = [row for row in told["data"] for _ in (1, 2)]
        elif action.get("rows") == "contradict":
            told["data"] = [{**row, "id": _another(row["id"])} for row in told["data"]]
        elif "rows" in action:
            told["data"] = [_of_another(row, EDGES[edge], world, action["rows"]) for row in told["data"]]
        if "next" in action:
            told["paging"] = {**told.get("paging", {"cursors": {"before": "a", "after": "b"}}), "next": action["next"]}
        if "paging" in action:
            _spoil_paging(told, request, edge, action["paging"])


def coded(text: str, action: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Give the body's bytes, and the headers that go with them."""
    data = text.encode()
    if "charset" in action:
        data = text.encode(action["charset"], "replace")
    coding = action.get("coding")
    if coding == "gzip":
        return gzip.compress(data), {"Content-Encoding": "gzip"}
    if coding == "broken gzip":
        return gzip.compress(data)[:-12] + b"nonsense", {"Content-Encoding": "gzip"}
    if coding == "bomb":
        return _bomb(), {"Content-Encoding": "gzip"}
    return data, {}


def _edges_of(body: Any, request: Request) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the lists of an answer: itself, or those below it."""
    if not isinstance(body, dict):
        return
    if len(request.path) == 2 and request.path[1] in EDGES:
        yield request.path[1], body
        return
    for name, told in body.items():
        if name in EDGES and isinstance(told, dict) and "data" in told:
            yield name, told


def _spoil_paging(told: dict[str, Any], request: Request, edge: str, how: str) -> None:
    path = f"{request.version}/{request.path[0]}/{edge}"
    following = f"http://{request.host}/{path}?{urlencode({'access_token': request.token, 'after': START})}"
    if how == "no cursors":
        told["paging"] = {"next": following}
    elif how == "loop" or (how == "empty" and not request.text("after")):
        told["data"] = [] if how == "empty" else told["data"]
        told["paging"] = {"cursors": {"before": START, "after": START}, "next": following}


def _another(scoped_id: str) -> str:
    return scoped_id[:-1] + str((int(scoped_id[-1]) + 1) % 10)


def _of_another(row: dict[str, Any], kind: str, world: World, how: str) -> dict[str, Any]:
    """Let a row name an app or Page that it should not: another one, one of another business or kind."""
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
