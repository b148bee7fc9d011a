"""Who really is who now: every person with all his IDs, and those that lead to him since a merge; who owns what.

`business`    only what its apps and Pages know; without it everything
`start`, `count`    a part of the people
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World

MOST_PEOPLE = 10_000
Ids = dict[str, list[str]]


def people(world: World, owners: Mapping[str, str], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Give people by their IDs. `aliases`: IDs by which one finds a person, though he has another there.

    `owners` tells which business each asset belonged to at first.
    """
    only = world.businesses[told["business"]].id if "business" in told else ""
    start, count = int(told.get("start", 0)), min(int(told.get("count", MOST_PEOPLE)), MOST_PEOPLE)
    ours = {one.id for one in world.assets.values() if only in ("", one.business_id)}
    moved = any(owners[one] != world.assets[one].business_id for one in ours)
    born_to = list(world.businesses) if not only or moved or world.changes.taken else [only]
    aliases = _aliases(world)
    known = (_known(one, ours, aliases) for one in _everybody(world, born_to))
    return list(islice((one for one in known if one["ids"] or one["aliases"]), start, start + count))


def assets(world: World, owners: Mapping[str, str], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every app and Page with the business it belongs to now, and the one it was moved away from."""
    only = world.businesses[told["business"]].id if "business" in told else ""
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "name": one.name,
            "business": one.business_id,
            "moved_from": None if owners[one.id] == one.business_id else owners[one.id],
        }
        for one in world.assets.values()
        if only in ("", one.business_id, owners[one.id])
    ]


def _everybody(world: World, businesses: list[str]) -> Iterator[Person]:
    for business in businesses:
        yield from world.people_of(business)


def _aliases(world: World) -> Mapping[str, Ids]:
    aliases: dict[str, Ids] = defaultdict(lambda: defaultdict(list))
    for scope, value in world.changes.taken:
        person = world.person_of(scope, value)
        if person and person.ids.get(scope) != value:
            aliases[person.key][scope].append(value)
    return aliases


def _known(person: Person, ours: set[str], aliases: Mapping[str, Ids]) -> dict[str, Any]:
    others = aliases.get(person.key, {})
    return {
        "name": person.name,
        "business": person.business_id,
        "ids": {scope: value for scope, value in person.ids.items() if scope in ours},
        "aliases": {scope: values for scope, values in others.items() if scope in ours},
    }
