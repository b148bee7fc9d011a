"""A varied world of the sandbox as a client would have stored it: what it was given, right or wrong."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from businesses.credentials import tokens_in_use
from businesses.models import AccessToken, Asset, AssetKind, Business, FacebookApp, Page
from businesses.secrets import unseal
from lookups.graph import CallCredential
from lookups.models import Person, ScopedID
from lookups.models.public_id import new_public_id
from tests.makers import make_token

Asset = Asset
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class StoredWorld:
    """All apps and Pages by Graph's ID, and what was given as each app's secret."""

    assets: dict[str, Asset] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def of(self, business: Business) -> list[Asset]:
        """A business's apps and Pages, as stored."""
        assets = Asset.objects.filter(business=business).order_by("kind", "pk")
        return list(assets.select_related("business", "managed_by"))

    def whatever_there_is(self, asset: Asset) -> CallCredential:
        """The token and the secret for calls of an app or a Page; empty where there is none."""
        token = tokens_in_use([asset]).get(asset)
        app = asset.signing_app
        text = unseal(token.sealed_value, bound_to=token.seal_name) if token else ""
        return CallCredential(token=text, app_secret=self.secrets.get(app.graph_id, "") if app else "")


def store(described: dict[str, Any]) -> StoredWorld:
    """Store what a client has; assets that a business only works on, or that nobody owns, are typed in by mistake."""
    world = StoredWorld()
    businesses = {}
    for told in described["businesses"]:
        businesses[told["id"]] = Business.objects.create(
            name=told["name"], graph_id=told["id"], policy_confirmed_at=NOW
        )
    first = next(iter(businesses.values()))
    groups = [*described["businesses"], described.get("without_business", {"apps": [], "pages": []})]
    placed = [(_place(one, businesses, group.get("id")) or first, one) for group in groups for one in group["apps"]]
    for business, told in placed:
        _store_app(world, business, told)
    placed = [(_place(one, businesses, group.get("id")) or first, one) for group in groups for one in group["pages"]]
    for business, told in placed:
        _store_page(world, business, told)
    for person in (person for told in described["businesses"] for person in told["people"]):
        for graph_id, value in {**person["apps"], **person["pages"]}.items():
            _store_id(world.assets[graph_id], value)
    return world


def _place(told: dict[str, Any], businesses: dict[str, Business], owner: str | None) -> Business | None:
    """The owner; for every other asset that is shared, the one it is shared with."""
    clients = told.get("clients")
    if clients and int(told["id"]) % 2:
        return businesses[clients[0]]
    return businesses[owner] if owner else None


def _store_app(world: StoredWorld, business: Business, told: dict[str, Any]) -> None:
    app = FacebookApp.objects.create(business=business, graph_id=told["id"], name=told["name"])
    if told["secret"]:
        app.set_secret(told["secret"])
        world.secrets[told["id"]] = told["secret"]
    world.assets[told["id"]] = app
    _store_token(app, told)


def _store_page(world: StoredWorld, business: Business, told: dict[str, Any]) -> None:
    app = world.assets[told["managed_by"]]
    managed_by = app if app.kind == AssetKind.APP and app.business_id == business.pk else None
    page = Page.objects.create(business=business, graph_id=told["id"], name=told["name"], managed_by=managed_by)
    world.assets[told["id"]] = page
    _store_token(page, told)


def _store_token(asset: Asset, told: dict[str, Any]) -> AccessToken | None:
    return make_token(asset, told["token"]) if told["token"] else None


def _store_id(asset: Asset, value: str) -> None:
    person = Person.objects.create(business=asset.business, public_id=new_public_id(), created_at=NOW)
    ScopedID.objects.get_or_create(
        asset=asset,
        value=value,
        defaults={"business": asset.business, "person": person, "first_seen": NOW},
    )
