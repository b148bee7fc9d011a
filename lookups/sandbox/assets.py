"""Reading apps, Pages and businesses: fields, and the lists by which a client discovers what a business owns.

Source: wire contract, section 7.
"""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.edges import NODE_TYPES, select
from lookups.sandbox.fields import Field
from lookups.sandbox.tokens import SYSTEM_USER, Token, page_token
from lookups.sandbox.world import Asset, World

TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
OWNED = {"owned_apps": "app", "owned_pages": "page"}
CLIENT = {"client_apps": "app", "client_pages": "page"}


@dataclass(frozen=True)
class Discovery:
    """What a token may find out about apps, Pages and businesses."""

    world: World

    def node(self, token: Token, node_id: str, asked: list[Field]) -> dict[str, Any]:
        """Give fields of an app, a Page or a business; raises Refusal."""
        if token.kind == "system" and node_id == SYSTEM_USER:
            return select({"name": "System user", "id": SYSTEM_USER}, asked, "User")
        business = self.world.businesses.get(node_id)
        if business and token.kind == "system" and business.id == token.asset.business_id:
            return select({"id": business.id, "name": business.name}, asked, "Business")
        asset = self._visible(token, node_id)
        told: dict[str, Any] = dict(asset.object)
        may_have = asset.kind == "page" and (token.kind == "system" or token.asset.id == asset.id)
        if may_have and any(one.name == "access_token" for one in asked):
            told = {"access_token": page_token(self.world, asset.id), **told}
        if any(one.name in ("owner_business", "business") for one in asked):
            owner = self.world.businesses[asset.business_id]
            facts = {"id": owner.id, "name": owner.name}
            told = {"owner_business": facts, **({"business": facts} if asset.kind == "page" else {}), **told}
        return select(told, asked or [Field("name")], NODE_TYPES[asset.kind])

    def rows(self, token: Token, node_id: str, edge: str, asked: list[Field]) -> list[dict[str, Any]]:
        """Give the rows of a list below a business, `me` or a Page; raises Refusal."""
        if node_id == "me" or (node_id == SYSTEM_USER and token.kind == "system"):
            return self._own(token, edge, asked)
        if node_id in self.world.businesses:
            return self._of_business(token, node_id, edge, asked)
        asset = self._visible(token, node_id)
        if asset.kind == "page" and edge == "subscribed_apps":
            app = self.world.assets[asset.managed_by]
            told: dict[str, Any] = {"subscribed_fields": ["messages"], **app.object}
            return [select(told, asked or [Field("link"), Field("name"), Field("subscribed_fields")], "Application")]
        raise refusals.no_such_field(edge, NODE_TYPES[asset.kind])

    def _visible(self, token: Token, node_id: str) -> Asset:
        asset = self.world.assets.get(node_id)
        if asset is None or asset.business_id != token.asset.business_id:
            raise refusals.unknown_object(node_id)
        return asset

    def _own(self, token: Token, edge: str, asked: list[Field]) -> list[dict[str, Any]]:
        """Lists of `me`: a system user's businesses and Pages; other users here manage none."""
        if edge == "businesses":
            owner = self.world.businesses[token.asset.business_id]
            return [{"id": owner.id, "name": owner.name}] if token.kind == "system" else []
        if edge not in ("accounts", "assigned_pages"):
            raise refusals.no_such_field(edge, "User")
        pages = self.world.assets_of(token.asset.business_id, "page") if token.kind == "system" else []
        return [select(self._account(page), asked, "Page") for page in pages]

    def _account(self, page: Asset) -> dict[str, Any]:
        facts = page.object
        return {
            "access_token": page_token(self.world, page.id),
            "category": facts["category"],
            "category_list": [{"id": "2200", "name": facts["category"]}],
            "name": page.name,
            "id": page.id,
            "tasks": TASKS,
        }

    def _of_business(self, token: Token, business_id: str, edge: str, asked: list[Field]) -> list[dict[str, Any]]:
        if token.kind != "system":
            raise refusals.needs_permission("business_management")
        if business_id != token.asset.business_id:
            raise refusals.unknown_object(business_id)
        if edge in OWNED:
            assets = self.world.assets_of(business_id, OWNED[edge])
        elif edge in CLIENT:
            named = [self.world.assets[one] for one, client in self.world.clients.items() if client == business_id]
            assets = [asset for asset in named if asset.kind == CLIENT[edge]]
        else:
            raise refusals.no_such_field(edge, "Business")
        return [select(dict(asset.object), asked, NODE_TYPES[asset.kind]) for asset in assets]
