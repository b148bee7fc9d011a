"""What a client has to know of a world to talk to it: IDs, secrets and tokens, and some people."""

import itertools
from typing import Any

from lookups.sandbox.person import Person
from lookups.sandbox.request import USABLE
from lookups.sandbox.tokens import app_secret, app_token, page_token, system_token
from lookups.sandbox.world import Business, World

PEOPLE_DESCRIBED = 20


def describe(world: World) -> dict[str, Any]:
    """Tell what a client needs to talk to this world."""
    return {"version": USABLE[-1], "businesses": [_business(world, one) for one in world.businesses.values()]}


def _business(world: World, business: Business) -> dict[str, Any]:
    apps = [
        {"id": a.id, "name": a.name, "secret": app_secret(world, a.id), "token": app_token(world, a.id)}
        for a in world.assets_of(business.id, "app")
    ]
    pages = [
        {"id": p.id, "name": p.name, "managed_by": p.managed_by, "token": page_token(world, p.id)}
        for p in world.assets_of(business.id, "page")
    ]
    people = itertools.islice(world.people_of(business.id), PEOPLE_DESCRIBED)
    return {
        "id": business.id,
        "name": business.name,
        "under_review": business.under_review,
        "apps": apps,
        "pages": pages,
        "system_token": system_token(world, business.id),
        "people": [_person(world, person) for person in people],
    }


def _person(world: World, person: Person) -> dict[str, Any]:
    apps = {scope: value for scope, value in person.ids.items() if world.assets[scope].kind == "app"}
    pages = {scope: value for scope, value in person.ids.items() if world.assets[scope].kind == "page"}
    return {"name": person.name, "apps": apps, "pages": pages}
