"""A fresh installation with the sandbox's world and lookups or a list that wait, and what has become of them."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from businesses.models import Asset, Business
from lookups.asking import resolver
from lookups.management.demo_world import seed_world
from lookups.models import Answer, Lookup, Match, Run, ScopedID
from lookups.sandbox.control.describing import describe
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.benchmarks.questions import Links, Question
from tests.benchmarks.stored import Stored
from tests.makers import make_user


def install(url: str, questions: Iterable[Question]) -> None:
    """Make tables, apps, Pages and tokens, and one waiting lookup a question."""
    _install_world(url)
    ask(questions)


def install_list(url: str, questions: Iterable[Question], folder: Path) -> Run:
    """Make tables, apps, Pages and tokens, and import the questions as a list of one business; gives its run."""
    _install_world(url)
    Business.objects.update(read_names=False)  # others read none, either
    file = folder / "list.csv"
    with file.open("w", newline="", encoding="utf-8") as rows:
        csv.writer(rows).writerows([("where", "id"), *questions])
    call_command("import_ids", str(file), business=JOHNS, id_column="id", asset_column="where", stdout=io.StringIO())
    return Run.objects.get(kind=Run.Kind.LIST)


def _install_world(url: str) -> None:
    settings.IDLINK_GRAPH_URL = url
    resolver.graph_client.cache_clear()
    call_command("migrate", verbosity=0)
    seed_world(describe(default_world()), by=make_user("seeder"), now=timezone.now())


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


def stored_by_idlink() -> Stored:
    """Read what is stored; an answer tells what the links tell that it proved."""
    ids, people, seen = {}, {}, []
    for key, scope, value, person, at in ScopedID.objects.values_list(
        "pk", "asset__graph_id", "value", "person_id", "first_seen"
    ):
        ids[key] = (scope, value)
        people.setdefault(person, set()).add(ids[key])
        seen.append(at)
    links, proved = [], {}
    for source, target, answer, *sights in Match.objects.values_list(
        "source_id", "target_id", "first_answer_id", "first_seen", "last_confirmed"
    ):
        links.append((ids[source], ids[target]))
        proved.setdefault(answer, set()).add(ids[target])
        seen += sights
    whole = Answer.objects.filter(complete=True, error="", lookup__state="done")
    asked = [(key, (scope, value)) for key, scope, value in whole.values_list(
        "pk", "lookup__asset__graph_id", "lookup__value"
    )]  # fmt: skip
    answers: list[tuple[Question, Links]] = [(one, frozenset(proved.get(key, set()) | {one})) for key, one in asked]
    return Stored([frozenset(held) for held in people.values()], links, answers, seen)
