"""Short ways for tests of pages about people: where to find one, and one to look at."""

from django.utils import timezone

from lookups.asking.starting import ask_about
from lookups.models import Person
from tests.lookups.people_of_johns import PSID, resolve

FIND = "/admin/find/"


def looked_up(world, value: str = PSID) -> Person:
    """A person, found by a real lookup."""
    lookup = ask_about(asset=world.page, value=value, by=world.user, now=timezone.now())
    resolve()
    lookup.refresh_from_db()
    return lookup.scoped_id.person
