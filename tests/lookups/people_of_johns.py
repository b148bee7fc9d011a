"""Short ways to ask about the people of the sandbox's first business, and to see who is one person."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from businesses.models import Asset
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import Answer, Lane, Lookup, Match, Person, ScopedID
from lookups.models.outcomes import Edge, answered_column

MOVIE_APP, GAME_APP, PAGE, FAN_PAGE = "259773517400382", "1419232575008550", "380374449010653", "380374449010777"
PSID, ASID, GAME_ASID = "12345123", "645195294", "10152368852405295"
OMAR_ASID, OMAR_PSID = "66001234567", "77001234567"


def asset(graph_id: str) -> Asset:
    """Give an app or Page by Graph's ID."""
    return Asset.objects.select_related("business", "managed_by").get(graph_id=graph_id)


def asker(world) -> Callable[..., Lookup]:
    """Give a way to ask about an ID as if some hours had passed, and to have it answered."""

    def ask(graph_id: str, value: str, *, hours: float = 0) -> Lookup:
        lookup = ask_about(asset=asset(graph_id), value=value, by=world.user, now=timezone.now())
        resolve()
        if hours:
            let_pass(hours)
        lookup.refresh_from_db()
        return lookup

    return ask


def resolve() -> None:
    """Resolve all that is due, in both lanes."""
    while any(resolver.resolve_turn(lane, at_once=1) for lane in Lane):
        pass


def let_pass(hours: float) -> None:
    """Put all evidence so many hours back, as if they had passed since."""
    back = timedelta(hours=hours)
    moments = {
        Answer: ["at"],
        Match: ["first_seen", "last_confirmed", "missing_since"],
        ScopedID: ["first_seen", *map(answered_column, Edge)],
    }
    for model, names in moments.items():
        for row in model.objects.all():
            times = {name: getattr(row, name) for name in names}
            model.objects.filter(pk=row.pk).update(**{name: at - back for name, at in times.items() if at})


def scoped(graph_id: str, value: str) -> ScopedID:
    """Give a stored scoped ID."""
    rows = ScopedID.objects.select_related("business", "asset", "person")
    return rows.get(asset__graph_id=graph_id, value=value)


def persons() -> set[frozenset[str]]:
    """Give who is one person, by kind and value of the IDs."""
    people = Person.objects.prefetch_related("scoped_ids__asset")
    return {ids for person in people if (ids := frozenset(str(row) for row in person.scoped_ids.all()))}


def states() -> dict[str, str]:
    """Give the state of each match."""
    return {str(match): match.shown_state for match in Match.objects.select_related("source__asset", "target__asset")}
