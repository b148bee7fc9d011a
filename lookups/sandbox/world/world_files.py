"""World files: `--world FILE` serves the world described by a JSON file in place of the default one.

  {"businesses": [{"id", "name", "under_review"?: true}],
   "apps":   [{"id", "name", "business"?: id, "clients"?: [business IDs],
               "category"?, "link"?, "namespace"?, "client_has"?}],
   "pages":  [{"id", "name", "managed_by": app ID, "business"?, "clients"?, "category"?, "link"?, "client_has"?}],
   "people": [{"name", "ids": {asset ID: scoped ID}, "business"?, "age_min"?, "pays"?}],
   "happened": [{order: body}]}

An asset without "business" belongs to none; "clients" are businesses that work on it without owning it.
"client_has" is what --describe gives a client in place of the right credentials:
  {"token": "none" | "garbage" | "of ASSET" (another's token) | "by APP" (a Page token made by another app),
   "secret": "none" | "wrong"}
"happened" is what holds from the start and after every reset, as if POST /__control/ORDER had been sent with the body:
  {"tokens": {"token_of": {"page": id}, "because": "role lost"}}, {"assets": {"asset": id, "business": ""}},
  {"usage": {"of": {"app": id}, "users": 1, "used": 200}}, {"secrets": {"app": id}}
`--world varied` makes up such a world; each --seed makes another.
"""

import json
from pathlib import Path
from typing import Any

from lookups.sandbox.world.asset import Asset, Business
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.varied_world import varied
from lookups.sandbox.world.world import World

FACTS = {"app": ("category", "link", "name", "namespace"), "page": ("category", "link", "name")}
_SHARED = {"id", "name", "business", "clients", "category", "link", "client_has"}
KEYS = {
    "businesses": {"id", "name", "under_review"},
    "apps": _SHARED | {"namespace"},
    "pages": _SHARED | {"managed_by"},
    "people": {"name", "ids", "business", "age_min", "pays"},
}
REQUIRED = {"pages": {"id", "name", "managed_by"}, "people": {"name", "ids"}}


def world_named(name: str, *, people: int, seed: str) -> World:
    """Give the default world, a varied one, or that of a file; raises ValueError, LookupError, OSError."""
    if not name:
        return default_world(people=people, seed=seed)
    described = varied(seed) if name == "varied" else json.loads(Path(name).read_text(encoding="utf-8"))
    return read_world(described, people=people, seed=seed)


def read_world(described: Any, *, people: int = 0, seed: str = "idlink") -> World:
    """Build the world that a file describes; raises ValueError or LookupError for what describes none."""
    _check_keys(described)
    businesses = [Business(**one) for one in described.get("businesses", [])]
    apps = [_asset("app", one) for one in described.get("apps", [])]
    pages = [_asset("page", one) for one in described.get("pages", [])]
    assets = {one.id: one for one in [*apps, *pages]}
    _check_ids([*businesses, *apps, *pages])
    if unmanaged := [page.id for page in pages if page.managed_by not in {app.id for app in apps}]:
        raise ValueError(f"these Pages are managed by no app of the world: {unmanaged}")
    named = [_person(one, assets) for one in described.get("people", [])]
    both = [*described.get("apps", []), *described.get("pages", [])]
    clients = {one["id"]: list(one["clients"]) for one in both if one.get("clients")}
    world = World(businesses, [*apps, *pages], named, people=people, seed=seed, clients=clients)
    world.client_has = {one["id"]: dict(one["client_has"]) for one in both if one.get("client_has")}
    world.happened = list(described.get("happened", []))
    _check_owners(world)
    return world


def _check_keys(described: Any) -> None:
    if not isinstance(described, dict) or not set(described) <= {*KEYS, "happened"}:
        raise ValueError(f"a world is an object with {', '.join([*KEYS, 'happened'])}")
    for kind, keys in KEYS.items():
        for one in described.get(kind, []):
            missing = REQUIRED.get(kind, {"id", "name"}) - set(one)
            if (unknown := set(one) - keys) or missing:
                raise ValueError(
                    f"{kind} have {', '.join(sorted(keys))}: not {sorted(unknown)}, lacking {sorted(missing)}"
                )


def _check_ids(named: list[Any]) -> None:
    ids = [one.id for one in named]
    if wrong := [one for one in ids if not (isinstance(one, str) and one.isascii() and one.isdigit())]:
        raise ValueError(f"IDs are texts of digits, not {wrong}")
    if len(set(ids)) < len(ids):
        raise ValueError("an ID stands there twice")


def _check_owners(world: World) -> None:
    owners = {asset.business_id for asset in world.assets.values()} | {one.business_id for one in world.named}
    if unknown := (owners | {one for named in world.clients.values() for one in named}) - {"", *world.businesses}:
        raise ValueError(f"there are no such businesses: {sorted(unknown)}")
    places = [place for person in world.named for place in person.ids.items()]
    if len(set(places)) < len(places):
        raise ValueError("an app or a Page knows two people by one ID")


def _asset(kind: str, described: dict[str, Any]) -> Asset:
    facts = tuple((name, described[name]) for name in FACTS[kind] if name in described)
    return Asset(
        kind, described["id"], described["name"], described.get("business", ""), facts, described.get("managed_by", "")
    )


def _person(described: dict[str, Any], assets: dict[str, Asset]) -> Person:
    owners = [assets[asset_id].business_id for asset_id in described["ids"]]
    business = described.get("business", next(filter(None, owners), ""))
    return Person(
        described["name"], business, dict(described["ids"]), described.get("age_min", 21), described.get("pays", True)
    )
