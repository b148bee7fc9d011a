"""Reading apps, Pages and businesses: their fields, and the lists that tell a client what a business owns.

Source: wire contract, section 7; conversations: section 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.api.conversations import conversations
from lookups.sandbox.api.fields import Field
from lookups.sandbox.api.paging import Paging
from lookups.sandbox.api.request import Request
from lookups.sandbox.api.selection import NODE_TYPES, OWNER, select
from lookups.sandbox.api.subscriptions import Subscriptions
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.tokens import SYSTEM_USER, Token, Tokens, page_token
from lookups.sandbox.world.world import World

TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
OWNED = {"owned_apps": "app", "owned_pages": "page"}
CLIENT = {"client_apps": "app", "client_pages": "page"}
# The lists below each type of node.
_LISTS = {
    "User": {"businesses", "accounts", "assigned_pages"},
    "Business": {*OWNED, *CLIENT},
    "Page": {"subscribed_apps", "conversations"},
    "Application": {"subscriptions"},
}
_Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Discovery:
    """Reads apps, Pages and businesses for one request, as far as its token may see them."""

    world: World
    switches: Switches
    tokens: Tokens
    subscriptions: Subscriptions
    request: Request
    token: Token

    def node(self, node_id: str, asked: Sequence[Field]) -> dict[str, Any]:
        """Give fields of an app, a Page, a business or a system user; raises Refusal."""
        node_type = self._type_of(node_id)
        facts = self._facts(node_id, node_type, asked)
        return self._chosen(facts, asked or [Field("name")], node_type)

    def edge(self, node_id: str, edge: str, params: Mapping[str, Any], asked: Sequence[Field]) -> dict[str, Any]:
        """Give a list below a node, with its paging; raises Refusal."""
        node_type = self._type_of(node_id)
        if edge not in _LISTS[node_type]:
            raise refusals.no_such_field(edge, node_type)
        rows = self._rows(node_id, edge, params, asked)
        url = edge_url(self.request, self.token, node_id, edge)
        texts = {name: value for name, value in params.items() if isinstance(value, str)}
        return Paging(self.switches, f"{edge}/{node_id}", texts, url).page_of(rows)

    def _type_of(self, node_id: str) -> str:
        """Give the type of the node with this ID; raises Refusal for one that the token can't see."""
        is_system = self.token.kind == "system"
        if node_id == "me" or (is_system and node_id == SYSTEM_USER):
            return "User"
        if node_id in self.world.businesses and (self.token.business_id == node_id or not is_system):
            return "Business"
        asset = self.world.assets.get(node_id)
        if asset is None or not self._may_see(asset):
            raise refusals.unknown_object(node_id)
        return NODE_TYPES[asset.kind]

    def _may_see(self, asset: Asset) -> bool:
        business = self.token.business_id
        if self.token.asset.id == asset.id:
            return True
        is_client = self.token.kind == "system" and business in self.world.clients.get(asset.id, ())
        return business != "" and (asset.business_id == business or is_client)

    def _facts(self, node_id: str, node_type: str, asked: Sequence[Field]) -> dict[str, Any]:
        if node_type == "User":
            return {"name": "System user", "id": SYSTEM_USER}
        if node_type == "Business":
            if self.token.kind != "system":
                raise refusals.unknown_object(node_id)
            return {"id": node_id, "name": self.world.businesses[node_id].name}
        asset, names = self.world.assets[node_id], {one.name for one in asked}
        facts: dict[str, Any] = dict(asset.object)
        if "access_token" in names and asset.kind == "page" and self.token.kind == "system":
            facts = {"access_token": page_token(self.world, asset.id, self.token.app.id), **facts}
        elif "access_token" in names and (asset.kind, asset.id) == ("page", self.token.asset.id):
            facts = {"access_token": self.token.text, **facts}
        return {**(self.world.owner_facts(asset) if names.intersection(OWNER) else {}), **facts}

    def _chosen(self, facts: dict[str, Any], asked: Sequence[Field], node_type: str) -> dict[str, Any]:
        """Keep the fields asked for. A list among them is read as if the path had named it."""
        lists = [one for one in asked if one.name in _LISTS[node_type]]
        plain = [one for one in asked if one not in lists] if lists else asked
        kept = select(facts, plain, node_type, or_id=bool(lists))
        for one in lists:
            below = self.edge(facts["id"], one.name, one.modifiers, one.chosen or ())
            if below["data"] or not self.switches.leave_out_empty_edges:
                kept[one.name] = below
        node_id = kept.pop("id")
        return {**kept, "id": node_id}

    def _rows(self, node_id: str, edge: str, params: Mapping[str, Any], asked: Sequence[Field]) -> _Rows:
        if edge in _LISTS["User"]:
            return self._of_me(edge, asked)
        if edge in _LISTS["Business"]:
            return [self._row(asset, asked) for asset in self._of_business(node_id, edge)]
        asset = self.world.assets[node_id]
        if edge == "subscriptions":
            return self.subscriptions.of_app(asset) if self.token.asset.id == asset.id else []
        if edge == "conversations":
            return self._conversations(asset, params, asked)
        return self._subscribed(asset, asked)

    def _subscribed(self, page: Asset, asked: Sequence[Field]) -> _Rows:
        rows = []
        for app_id, names in self.subscriptions.of_page(page).items():
            app: dict[str, Any] = {"subscribed_fields": names, **self.world.assets[app_id].object}
            chosen = asked or [Field("link"), Field("name"), Field("subscribed_fields")]
            rows.append(select(app, chosen, "Application"))
        return rows

    def _conversations(self, page: Asset, params: Mapping[str, Any], asked: Sequence[Field]) -> _Rows:
        if self.token.kind != "page" or self.token.asset.id != page.id:
            raise refusals.needs_page_token()
        if not self.tokens.has_scope(self.token, "pages_messaging"):
            raise refusals.needs_messaging()
        chosen = asked or [Field("id"), Field("updated_time")]
        return [select(row, chosen, "Conversation") for row in conversations(self.world, page, params)]

    def _row(self, asset: Asset, asked: Sequence[Field]) -> dict[str, Any]:
        node_type = NODE_TYPES[asset.kind]
        return self._chosen(self._facts(asset.id, node_type, asked), asked, node_type)

    def _of_me(self, edge: str, asked: Sequence[Field]) -> _Rows:
        """Give a list below `me`: a system user's businesses or Pages. Other users here manage none."""
        if self.token.kind != "system":
            return []
        business = self.token.business_id
        if edge == "businesses":
            self._need_management()
            return [self._chosen(self._facts(business, "Business", asked), asked, "Business")]
        pages = [*self.world.assets_of(business, "page"), *self.world.clients_of(business, "page")]
        return [select(self._account(page), asked, "Page") for page in pages]

    def _account(self, page: Asset) -> dict[str, Any]:
        """Give a Page as `me/accounts` shows it, with a token made by the app of the asking token."""
        facts = page.object
        return {
            "access_token": page_token(self.world, page.id, self.token.app.id),
            "category": facts.get("category", ""),
            "category_list": [{"id": "2200", "name": facts.get("category", "")}],
            "name": page.name,
            "id": page.id,
            "tasks": TASKS,
        }

    def _of_business(self, business_id: str, edge: str) -> list[Asset]:
        self._need_management()
        if edge in OWNED:
            return self.world.assets_of(business_id, OWNED[edge])
        return self.world.clients_of(business_id, CLIENT[edge])

    def _need_management(self) -> None:
        if self.token.kind != "system" or not self.tokens.has_scope(self.token, "business_management"):
            raise refusals.needs_permission("business_management")


def edge_url(request: Request, token: Token, node_id: str, edge: str) -> str:
    """Give the URL of an edge as paging links write it: absolute, with the token, without the proof."""
    return f"{request.scheme}://{request.host}/{request.version}/{node_id}/{edge}?{_token_query(token.text)}"


@lru_cache(maxsize=256)  # the items of a batch mostly carry the same token
def _token_query(token: str) -> str:
    return urlencode({"access_token": token})
