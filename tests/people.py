"""Questions about generated people of the sandbox, and the persons that must come of them."""

from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World

Scoped = tuple[str, str]  # an app's or a Page's ID, and the scoped ID


def questions_and_people(people: int) -> tuple[list[Scoped], set[frozenset[Scoped]]]:
    """One ID of each generated person of the first two businesses, and the persons that must come of them."""
    told = truth(people)
    return list(told), set(told.values())


def truth(people: int) -> dict[Scoped, frozenset[Scoped]]:
    """The person that must come of each question."""
    world = default_world(people=people)
    under_review = {business.id for business in world.businesses.values() if business.under_review}
    expected = {}
    for person in map(world.generated, range(people)):
        if person.business_id in under_review:
            continue
        scopes = list(person.ids)
        scope = scopes[(person.index or 0) % len(scopes)]
        expected[scope, person.ids[scope]] = told_about(world, person, scope)
    return expected


def told_about(world: World, person: Person, scope: str) -> frozenset[Scoped]:
    """What an answer about a person's ID in one app or Page tells, with that ID itself.

    A PSID gives ASIDs only if the person has installed the app that manages the Page (the guide, use case 1).
    """
    manager = world.assets[scope].managed_by
    told = {
        (kept, value)
        for kept, value in person.ids.items()
        if world.assets[kept].kind == "page" or not manager or manager in person.ids
    }
    return frozenset(told | {(scope, person.ids[scope])})
