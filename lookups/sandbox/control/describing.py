"""The description of a world for its client: IDs, secrets and tokens, right or wrong, and some people."""

import itertools
from typing import Any

from lookups.sandbox.api.request import USABLE
from lookups.sandbox.world.asset import Asset, Business
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.tokens import app_secret, app_token, first_app, page_token, system_token
from lookups.sandbox.world.world import World

PEOPLE_DESCRIBED = 20
GARBAGE = "EAAgarbage"


def describe(world: World) -> dict[str, Any]:
    """Give all that a client needs to talk to this world. Keys that only some worlds need are left out elsewhere."""
    described: dict[str, Any] = {
        "version": USABLE[-1],
        "businesses": [_business(world, one) for one in world.businesses.values()],
    }
    unowned = _assets(world, "")
    if any(unowned.values()):
        described["without_business"] = unowned
    return described | ({"happened": world.happened} if world.happened else {})


def _business(world: World, business: Business) -> dict[str, Any]:
    people = itertools.islice(world.people_of(business.id), PEOPLE_DESCRIBED)
    return {
        "id": business.id,
        "name": business.name,
        "under_review": business.under_review,
        **_assets(world, business.id),
        "system_token": system_token(world, business.id) if first_app(world, business.id) else "",
        "people": [_person(world, person) for person in people],
    }


def _assets(world: World, business_id: str) -> dict[str, list[dict[str, Any]]]:
    apps = [
        {"id": app.id, "name": app.name, "secret": _secret(world, app), "token": _token(world, app)}
        for app in world.assets_of(business_id, "app")
    ]
    pages = [
        {"id": page.id, "name": page.name, "managed_by": page.managed_by, "token": _token(world, page)}
        for page in world.assets_of(business_id, "page")
    ]
    return {
        kind: [one | _rare(world, one["id"]) for one in described]
        for kind, described in (("apps", apps), ("pages", pages))
    }


def _rare(world: World, asset_id: str) -> dict[str, Any]:
    described = {"clients": world.clients.get(asset_id), "client_has": world.client_has.get(asset_id)}
    return {name: value for name, value in described.items() if value}


def _secret(world: World, app: Asset) -> str:
    has = world.client_has.get(app.id, {}).get("secret")
    return {"none": "", "wrong": world.secret("wrong", app.id)[:32]}.get(has or "", app_secret(world, app.id))


def _token(world: World, asset: Asset) -> str:
    """Give the token that the client has: the right one, unless the world's file says otherwise."""
    has = world.client_has.get(asset.id, {}).get("token", "")
    kind, _, other = has.partition(" ")
    if kind == "by":
        return page_token(world, asset.id, world.assets[other].id)
    if kind in ("none", "garbage"):
        return "" if kind == "none" else GARBAGE
    whose = world.assets[other] if kind == "of" else asset
    return app_token(world, whose.id) if whose.kind == "app" else page_token(world, whose.id)


def _person(world: World, person: Person) -> dict[str, Any]:
    apps = {asset_id: value for asset_id, value in person.ids.items() if world.assets[asset_id].kind == "app"}
    pages = {asset_id: value for asset_id, value in person.ids.items() if world.assets[asset_id].kind == "page"}
    return {"name": person.name, "apps": apps, "pages": pages}
