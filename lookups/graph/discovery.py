"""Whose an app or a Page is, and what a token may see of a business (wire contract, 7).

Every read is a POST with method=GET, its token in the body. Lists are paged by cursor on our own address.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookups.graph.answers import plain
from lookups.graph.client import GraphClient
from lookups.graph.errors import UnexpectedAnswer, Unreachable
from lookups.graph.usage import PoolUsage

PAGE_SIZE = 100
MOST_PAGES = 50
_ID = re.compile(r"[0-9]{1,32}")


@dataclass(frozen=True)
class Owner:
    """Which business owns an app or a Page; an empty ID where Graph names none."""

    id: str
    name: str
    usage: tuple[PoolUsage, ...] = ()


@dataclass(frozen=True)
class Listed:
    """A row of a list: an app or a Page; `token` is the page access token that came with it."""

    id: str
    name: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Asker:
    """Who reads lists: a token, the secret of the app that made it if it is known, and until when."""

    token: str = field(repr=False)
    app_secret: str = field(default="", repr=False)
    until: float = float("inf")


def owner_of(client: GraphClient, graph_id: str, token: str, app_secret: str) -> Owner:
    """Ask which business owns an app or a Page; raises GraphError."""
    told, usage = client.read(graph_id, token, app_secret=app_secret, fields="owner_business{id,name}")
    if not isinstance(told, dict) or told.get("id") != graph_id:
        raise UnexpectedAnswer("Graph's answer is not about the app or Page that was asked about.")
    owner = told.get("owner_business")
    if owner is None:
        return Owner("", "", usage)
    if not isinstance(owner, dict) or not _is_id(owner.get("id")):
        raise UnexpectedAnswer("Graph names an owner without an ID.")
    return Owner(owner["id"], _name(owner), usage)


def name_of_me(client: GraphClient, asker: Asker) -> str:
    """Ask whose a token is; raises GraphError."""
    told, _ = client.read("me", asker.token, app_secret=asker.app_secret, fields="name")
    return _name(told) if isinstance(told, dict) else ""


def apps_and_pages(client: GraphClient, path: str, asker: Asker, *, tokens: bool = False) -> list[Listed]:
    """Read all rows of a list of apps or Pages; raises GraphError."""
    rows: list[Listed] = []
    after, seen = "", {""}
    for _ in range(MOST_PAGES):
        if time.monotonic() > asker.until:
            raise Unreachable("Graph took too long to tell all.")
        page, after = _page(client, path, asker, after, tokens=tokens)
        rows += page
        if not after:
            return rows
        if after in seen:
            break
        seen.add(after)
    raise UnexpectedAnswer("Graph's list has no end.")


def _page(client: GraphClient, path: str, asker: Asker, after: str, *, tokens: bool) -> tuple[list[Listed], str]:
    asked = {"fields": "id,name,access_token" if tokens else "id,name", "limit": str(PAGE_SIZE)}
    told, _ = client.read(
        path, asker.token, app_secret=asker.app_secret, **asked, **({"after": after} if after else {})
    )
    if not isinstance(told, dict) or not isinstance(told.get("data"), list):
        raise UnexpectedAnswer("Graph's answer holds no list.")
    rows = [_listed(row) for row in told["data"] if isinstance(row, dict) and _is_id(row.get("id"))]
    return rows, _after(told.get("paging"))


def _listed(row: Mapping[str, Any]) -> Listed:
    token = row.get("access_token")
    return Listed(row["id"], _name(row), token if isinstance(token, str) and token.isascii() else "")


def _after(paging: Any) -> str:
    """Give the next page's cursor; only the absence of `next` means the end (wire contract, 1.4)."""
    if not isinstance(paging, dict) or "next" not in paging:
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if not isinstance(after, str) or not 0 < len(after) <= 2000 or not after.isprintable():
        raise UnexpectedAnswer("Graph says there is more, but not where.")
    return after


def _name(told: Mapping[str, Any]) -> str:
    name = told.get("name")
    return plain(name) if isinstance(name, str) else ""


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None
