"""The truth about the world as it is now: every person with all his IDs, and every asset with its owner.

An order for either may hold `business` (its ID: tell only of people whom its assets know, or of its assets) and
`start` and `count` (which part of the people).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World

MOST_PEOPLE = 10_000
_Ids = dict[str, list[str]]


def true_people(world: World, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Give people with their IDs. `aliases` are IDs that find a person since a merge, beside the one he shows."""
    only = world.businesses[order["business"]].id if "business" in order else ""
    start, count = int(order.get("start", 0)), min(int(order.get("count", MOST_PEOPLE)), MOST_PEOPLE)
    ours = {one.id for one in world.assets.values() if only in ("", one.business_id)}
    owners = world.owners_at_first
    moved = any(owners[one] != world.assets[one].business_id for one in ours)
    born_to = list(world.businesses) if not only or moved or world.changes.taken else [only]
    aliases = _aliases(world)
    known = (_known(one, ours, aliases) for one in _everybody(world, born_to))
    return list(islice((one for one in known if one["ids"] or one["aliases"]), start, start + count))


def true_assets(world: World, order: dict[str, Any]) -> list[dict[str, Any]]:
    """Give every app and Page with its business now, and the one that it was moved away from."""
    owners = world.owners_at_first
    only = world.businesses[order["business"]].id if "business" in order else ""
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


def _aliases(world: World) -> Mapping[str, _Ids]:
    aliases: dict[str, _Ids] = defaultdict(lambda: defaultdict(list))
    for asset_id, value in world.changes.taken:
        person = world.person_of(asset_id, value)
        if person and person.ids.get(asset_id) != value:
            aliases[person.key][asset_id].append(value)
    return aliases


def _known(person: Person, ours: set[str], aliases: Mapping[str, _Ids]) -> dict[str, Any]:
    others = aliases.get(person.key, {})
    return {
        "name": person.name,
        "business": person.business_id,
        "ids": {asset_id: value for asset_id, value in person.ids.items() if asset_id in ours},
        "aliases": {asset_id: values for asset_id, values in others.items() if asset_id in ours},
    }
