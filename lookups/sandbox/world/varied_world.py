"""Worlds with much wrong in them, made up by chance: the same seed makes the same world.

They have the form of world files.
"""

import random
from typing import Any

from lookups.sandbox.world.person import name_of
from lookups.sandbox.world.token_states import CAUSES

_Json = dict[str, Any]
_CATEGORIES = ("Business", "Community", "Education", "Games", "Travel")


def varied(seed: str) -> _Json:
    """Make up one to four businesses, with assets of theirs and of nobody, and with wrong credentials and events."""
    chance = random.Random(f"varied/{seed}")  # noqa: S311  (for repeatable worlds, not secrets)
    numbers = iter(chance.sample(range(10**14, 10**15), 200))
    businesses = [_business(chance, numbers, place) for place in range(1, chance.randint(1, 4) + 1)]
    owners = [one["id"] for one in businesses]
    apps = [_asset(chance, numbers, "App", owners) for _ in range(chance.randint(2, 7))]
    apps[0]["business"] = owners[0]
    pages = [_page(chance, numbers, owners, apps) for _ in range(chance.randint(1, 8))]
    for one in [*apps, *pages]:
        _hide(chance, one, apps, pages)
    happened = [*_happened(chance, apps, pages, owners)]
    people = [_person(chance, numbers, [*apps, *pages]) for _ in range(chance.randint(2, 12))]
    return {"businesses": businesses, "apps": apps, "pages": pages, "people": people, "happened": happened}


def _business(chance: random.Random, numbers: Any, place: int) -> _Json:
    made: _Json = {"id": str(next(numbers)), "name": f"Business {place}"}
    return made | ({"under_review": True} if chance.random() < 0.15 else {})


def _asset(chance: random.Random, numbers: Any, kind: str, owners: list[str]) -> _Json:
    """Make up an app or a Page. One in eight belongs to no business; one in five is shared with others."""
    number = str(next(numbers))
    made: _Json = {"id": number, "name": f"{kind} {number[-5:]}", "category": chance.choice(_CATEGORIES)}
    if chance.random() > 1 / 8:
        made["business"] = chance.choice(owners)
    others = [one for one in owners if one != made.get("business")]
    if others and chance.random() < 0.2:
        made["clients"] = chance.sample(others, chance.randint(1, len(others)))
    return made


def _page(chance: random.Random, numbers: Any, owners: list[str], apps: list[_Json]) -> _Json:
    """Make up a Page, managed by an app of its business; one in five is managed by any app."""
    made = _asset(chance, numbers, "Page", owners)
    near = [app for app in apps if app.get("business") == made.get("business")]
    made["managed_by"] = chance.choice(apps if not near or chance.random() < 0.2 else near)["id"]
    return made


def _hide(chance: random.Random, made: _Json, apps: list[_Json], pages: list[_Json]) -> None:
    """Let the client have no token, a wrong one, no secret or a wrong one, for one asset in three."""
    draw = chance.random()
    if draw > 1 / 3:
        return
    wrong = ["none", "garbage", f"of {chance.choice([*apps, *pages])['id']}"]
    if "managed_by" in made:
        wrong.append(f"by {chance.choice(apps)['id']}")
    elif draw < 1 / 9:
        made["client_has"] = {"secret": chance.choice(["none", "wrong"])}
        return
    made["client_has"] = {"token": chance.choice(wrong)}


def _happened(chance: random.Random, apps: list[_Json], pages: list[_Json], owners: list[str]) -> list[_Json]:
    """Make up events: tokens refused, permissions and pools used up, secrets reset, assets moved."""
    happened: list[_Json] = []
    for one in [*apps, *pages]:
        of = {"page" if "managed_by" in one else "app": one["id"]}
        draw = chance.random()
        if draw < 0.15 and "app" in of:
            happened.append({"secrets": of})
        elif draw < 0.15:
            happened.append({"tokens": {"token_of": of, "because": chance.choice(list(CAUSES))}})
        elif draw < 0.2 and "page" in of:
            happened.append({"tokens": {"token_of": of, "data_access_ends_in": -86400}})
        elif draw < 0.25 and "page" in of:
            happened.append({"tokens": {"token_of": of, "scopes": ["pages_show_list"]}})
        elif draw < 0.35:
            happened.append({"usage": {"of": of, "users": 1, "used": chance.choice([50, 190, 200, 5000])}})
        elif draw < 0.4:
            happened.append({"assets": {"asset": one["id"], "business": chance.choice([*owners, ""])}})
    return happened


def _person(chance: random.Random, numbers: Any, assets: list[_Json]) -> _Json:
    known = chance.sample(assets, chance.randint(1, len(assets)))
    ids = {one["id"]: str(next(numbers)) for one in known}
    return {"name": name_of(chance.getrandbits(40)), "ids": ids}
