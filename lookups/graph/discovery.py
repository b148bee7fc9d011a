"""Which business owns an app or a Page, and which apps and Pages a token can see (wire contract, 7).

Each read is a POST with method=GET, its token in the body. The next page of a list is asked for by its cursor, at our
own address for Graph.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookups.graph.client import GraphClient
from lookups.graph.errors import UnexpectedAnswer, Unreachable
from lookups.graph.paging import PAGE_SIZE, next_cursor
from lookups.graph.storable import is_id, storable_text
from lookups.graph.usage import PoolUsage

MOST_PAGES = 50


@dataclass(frozen=True)
class AssetOwner:
    """The business that owns an app or a Page; its ID is empty where Graph names none."""

    id: str
    name: str
    usage: tuple[PoolUsage, ...] = ()


@dataclass(frozen=True)
class ListedAsset:
    """An app or a Page in a list; `token` is the page access token that came with it."""

    id: str
    name: str
    token: str = field(default="", repr=False)
    category: str = ""
    link: str = ""


@dataclass(frozen=True)
class Asker:
    """Who reads lists: a token, the secret of the app that made it if that is known, and the time to stop at.

    `until` is in seconds of time.monotonic().
    """

    token: str = field(repr=False)
    app_secret: str = field(default="", repr=False)
    until: float = float("inf")


def owner_of(client: GraphClient, graph_id: str, token: str, app_secret: str) -> AssetOwner:
    """Ask which business owns an app or a Page; raises GraphError."""
    body, usage = client.read(graph_id, token, app_secret=app_secret, fields="owner_business{id,name}")
    if not isinstance(body, dict) or body.get("id") != graph_id:
        raise UnexpectedAnswer("Graph's answer is not about the app or Page that was asked about.")
    owner = body.get("owner_business")
    if owner is None:
        return AssetOwner("", "", usage)
    if not isinstance(owner, dict) or not is_id(owner.get("id")):
        raise UnexpectedAnswer("Graph names an owner without an ID.")
    return AssetOwner(owner["id"], _text(owner, "name"), usage)


def name_of_me(client: GraphClient, asker: Asker) -> str:
    """Ask for the name of the user or system user whose token it is; raises GraphError."""
    body, _ = client.read("me", asker.token, app_secret=asker.app_secret, fields="name")
    return _text(body, "name") if isinstance(body, dict) else ""


def apps_and_pages(client: GraphClient, path: str, asker: Asker, *, tokens: bool = False) -> list[ListedAsset]:
    """Read all rows of a list of apps or Pages; raises GraphError."""
    rows: list[ListedAsset] = []
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


def _page(client: GraphClient, path: str, asker: Asker, after: str, *, tokens: bool) -> tuple[list[ListedAsset], str]:
    fields = "id,name,category,link"
    params = {"fields": f"{fields},access_token" if tokens else fields, "limit": str(PAGE_SIZE)}
    if after:
        params["after"] = after
    body, _ = client.read(path, asker.token, app_secret=asker.app_secret, **params)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise UnexpectedAnswer("Graph's answer holds no list.")
    rows = [_listed(row) for row in body["data"] if isinstance(row, dict) and is_id(row.get("id"))]
    return rows, next_cursor(body.get("paging"))


def _listed(row: Mapping[str, Any]) -> ListedAsset:
    token = row.get("access_token")
    token = token if isinstance(token, str) and token.isascii() else ""
    return ListedAsset(row["id"], _text(row, "name"), token, _text(row, "category"), _text(row, "link"))


def _text(named: Mapping[str, Any], key: str) -> str:
    text = named.get(key)
    return storable_text(text) if isinstance(text, str) else ""
