"""What the tests of refresh need: people of long ago, time that passes, ticks of the scheduler."""

from datetime import timedelta

from django.apps import apps
from django.db.models import DateTimeField, F
from django.utils import timezone

from lookups.asking.starting import ask_about
from lookups.freshness import refresh
from lookups.models import Ending, Lookup, Person, Run, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, answered_column, outcome_column
from tests.lookups.people_of_johns import resolve
from tests.makers import make_app, make_business, make_page, make_token

JOHN = ("12345123", "645195294", "10152368852405295")
A_DAY = timedelta(days=1)


def learn(world, asset, *values: str) -> None:
    """Ask about these IDs for the first time."""
    for value in values:
        ask_about(asset=asset, value=value, by=world.user, now=timezone.now())
    resolve()


def let_pass(time: timedelta) -> None:
    """As if all that is stored had happened so much earlier."""
    for model in apps.get_app_config("lookups").get_models():
        times = [field.name for field in model._meta.fields if isinstance(field, DateTimeField)]
        if times:
            model.objects.update(**{name: F(name) - time for name in times})


def tick() -> refresh.Picked:
    """One tick of the scheduler, and a minute later the next could come."""
    picked = refresh.pick(timezone.now())
    let_pass(timedelta(minutes=1))
    return picked


def refreshed() -> list[str]:
    """Let a tick come, and all that it made be answered; gives the IDs asked about."""
    latest = Lookup.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    tick()
    resolve()
    made = Lookup.objects.filter(pk__gt=latest, run__kind=Run.Kind.REFRESH)
    return sorted(made.values_list("value", flat=True))


def make_person(world, value: str, *, days: float) -> Person:
    """A person with one ID that was answered about so many days ago."""
    at = timezone.now() - timedelta(days=days)
    business = world.page.business
    person = Person.objects.create(business=business, public_id=f"P{value}", created_at=at)
    answered = dict.fromkeys(map(answered_column, Edge), at)
    ScopedID.objects.create(business=business, asset=world.page, value=value, person=person, first_seen=at, **answered)
    return person


def fail_what_waits() -> None:
    """As if Graph had failed to answer what waits, however often it was tried."""
    failed = {outcome_column(edge): Outcome.FAILED for edge in Edge}
    waiting = Lookup.objects.filter(state=State.WAITING)
    waiting.update(**failed, state=State.DONE, finished_at=timezone.now(), ending=Ending.FAILED)


def make_stranger(*, days: float) -> Person:
    """A person of another business, with one ID that was seen so many days ago."""
    other = make_business("Other")
    page = make_page(other, make_app(other))
    make_token(page)
    at = timezone.now() - timedelta(days=days)
    person = Person.objects.create(business=other, public_id="OTHER", created_at=at)
    ScopedID.objects.create(business=other, asset=page, value="1", person=person, first_seen=at)
    return person
