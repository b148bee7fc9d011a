"""A Page's conversations, which name a person even where his profile is refused (wire contract, 10)."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World

MOST_CONVERSATIONS = 1000


def conversations(world: World, page: Asset, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the conversation with the person `user_id`, or one with each person whom the Page knows."""
    return [_row(world, page, person) for person in islice(_people(world, page, params), MOST_CONVERSATIONS)]


def _people(world: World, page: Asset, params: Mapping[str, Any]) -> Iterator[Person]:
    if params.get("platform", "messenger") != "messenger":
        return
    if asked := params.get("user_id"):
        person = world.person_of(page.id, str(asked))
        yield from [person] if person else []
        return
    yield from (one for one in world.people_of(page.business_id) if page.id in one.ids)


def _row(world: World, page: Asset, person: Person) -> dict[str, Any]:
    psid = person.ids[page.id]
    both = [
        {"name": person.name, "email": f"{psid}@facebook.com", "id": psid},
        {"name": page.name, "email": f"{page.id}@facebook.com", "id": page.id},
    ]
    number = int(world.secret("conversation", page.id, psid)[:13], 16)
    return {"updated_time": "2026-11-20T10:00:00+0000", "participants": {"data": both}, "id": f"t_{number}"}
