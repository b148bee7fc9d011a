"""A fresh installation with the sandbox's world and lookups that wait, and what must have become of them."""

from collections.abc import Iterable

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from businesses.models import Asset, Business
from lookups.asking import resolver
from lookups.management.demo_world import seed_world
from lookups.models import Lookup, Person, Run
from lookups.sandbox.control.describing import describe
from lookups.sandbox.world.default_world import default_world
from tests.benchmarks.questions import Links, Question
from tests.makers import make_user


def install(url: str, questions: Iterable[Question]) -> None:
    """Make tables, apps, Pages and tokens, and one waiting lookup a question."""
    settings.IDLINK_GRAPH_URL = url
    resolver.graph_client.cache_clear()
    call_command("migrate", verbosity=0)
    seed_world(describe(default_world()), by=make_user("seeder"), now=timezone.now())
    ask(questions)


def ask(questions: Iterable[Question]) -> None:
    """Let one lookup a question wait, in a new run of each business."""
    assets = {asset.graph_id: asset for asset in Asset.objects.all()}
    now = timezone.now()
    runs = {b.pk: Run.objects.create(business=b, kind=Run.Kind.ONE, created_at=now) for b in Business.objects.all()}
    Lookup.objects.bulk_create(
        _lookup(assets[scope], value, runs[assets[scope].business_id]) for scope, value in questions
    )


def _lookup(asset: Asset, value: str, run: Run) -> Lookup:
    return Lookup(business_id=run.business_id, run=run, asset=asset, value=value, created_at=run.created_at)


def check_stored(expected: dict[Question, Links]) -> None:
    """End the benchmark if a lookup is not done, or a person is not stored as it is."""
    done = Lookup.objects.filter(state="done").count()
    people = Person.objects.prefetch_related("scoped_ids__asset")
    links = [frozenset((row.asset.graph_id, row.value) for row in person.scoped_ids.all()) for person in people]
    stored = [one for one in links if one]
    if done != len(expected) or len(stored) != len(expected) or set(stored) != set(expected.values()):
        raise SystemExit(f"{done} of {len(expected)} lookups are done, {len(stored)} persons are stored")
