"""A storm of faults, seeded: every lookup ends as it would have without, or refused for the reason the fault gave.

Nothing is lost and nothing linked wrongly. `make test-slow` lets it rage over 10,000 lookups.
"""

import os
from functools import reduce
from operator import or_

import pytest
from django.db.models import Q, QuerySet
from django.utils import timezone

from businesses.models import Asset, Business
from lookups.asking import resolver
from lookups.management.demo_world import seed_world
from lookups.models import Answer, Lookup, Person, QuotaPool, Run
from lookups.models.outcomes import Edge, outcome_column
from tests.makers import make_user
from tests.people import Scoped, truth

PEOPLE = int(os.environ.get("STORM_PEOPLE", "600"))
SHARE = 0.3
OUTCOMES = tuple(outcome_column(edge) for edge in Edge)
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60 + PEOPLE // 5)]


def fault(action: dict, *, item: bool, share: float) -> dict:
    return {"match": {"item": item, "share": share}, "action": action}


WHOLE = [
    {"cut": "before"}, {"cut": "headers"}, {"cut": "body"}, {"cut": "short"}, {"coding": "broken gzip"},
    *({"answer": {"status": status, "body": "<html>"}} for status in (200, 500, 502, 503)),
    {"answer": {"status": 200, "body": '[{"code": 200, "bo'}}, {"answer": {"status": 200, "body": ""}},
    *({"error": {"code": code, "status": 400}, "headers": {"Retry-After": "1"}} for code in (4, 17, 32, 613, 80001)),
]  # fmt: skip
ITEMS = [
    {"null": True}, {"answer": {"status": 502, "body": ""}}, {"answer": {"status": 200, "body": "<html>"}},
    {"error": {"code": 2, "status": 500, "is_transient": True}}, {"error": {"code": 1, "status": 500}},
]  # fmt: skip
HARMLESS = [{"rows": "duplicate"}, {"paging": "empty"}, {"next": "http://192.0.2.7/"}]
REFUSED = {"error": {"code": 10, "status": 403, "message": "(#10) Application does not have permission"}}
# Each rule meets what those before it left over.
STORM = [
    *(fault(action, item=False, share=SHARE / len(WHOLE)) for action in WHOLE),
    *(fault(action, item=True, share=SHARE / len(ITEMS)) for action in ITEMS),
    *(fault(action, item=True, share=0.02) for action in HARMLESS),
    fault(REFUSED, item=True, share=0.02),
]


def test_a_storm_of_faults_changes_nothing_in_the_end(start_sandbox, settings):
    sandbox = start_sandbox("--people", str(PEOPLE))
    expected = truth(PEOPLE)
    _store(sandbox, list(expected))
    settings.IDLINK_GRAPH_URL, settings.IDLINK_MAX_ATTEMPTS, settings.IDLINK_RETRIES_PER_LOOKUP = sandbox.url, 100, 100
    resolver.graph_client.cache_clear()
    sandbox.control("rules", STORM)

    rounds = _resolve_all()

    resolver.graph_client.cache_clear()
    assert rounds > 1
    assert sum(rule["applied"] for rule in sandbox.read("rules")) > PEOPLE * SHARE
    assert Lookup.objects.count() == len(expected)
    refused = Lookup.objects.filter(reduce(or_, (Q(**{column: "not_visible"}) for column in OUTCOMES)))
    told = Answer.objects.filter(error="NotPermitted").values_list("lookup", flat=True)
    assert {lookup.pk for lookup in refused} == set(told)
    others = Lookup.objects.exclude(pk__in=refused)
    assert {outcome for pair in others.values_list(*OUTCOMES) for outcome in pair} <= {"linked", "none"}
    stored, whole = _persons(), {expected[question] for question in _asked(others)}
    assert whole <= stored
    parts = [expected[question] for question in _asked(refused)]
    assert all(any(person <= part for part in parts) for person in stored - whole)


def _asked(lookups: QuerySet) -> set[Scoped]:
    return {(lookup.asset.graph_id, lookup.value) for lookup in lookups.select_related("asset")}


def _resolve_all() -> int:
    """Resolve until all is done, letting an hour pass each time only waiting lookups are left; gives the times."""
    rounds = 0
    while Lookup.objects.exclude(state="done").exists():
        rounds += 1
        assert rounds < 500, "the storm has no end"
        while resolver.resolve_turn("staff", at_once=4):
            pass
        Lookup.objects.update(not_before=None)
        QuotaPool.objects.update(wait_until=None)
    return rounds


def _store(sandbox, questions: list[tuple[str, str]]) -> None:
    seed_world(sandbox.world, by=make_user("seeder"), now=timezone.now())
    assets = {asset.graph_id: asset for asset in Asset.objects.select_related("business")}
    now = timezone.now()
    runs = {b.pk: Run.objects.create(business=b, kind=Run.Kind.ONE, created_at=now) for b in Business.objects.all()}
    for graph_id, value in questions:
        asset = assets[graph_id]
        Lookup.objects.create(
            business=asset.business, run=runs[asset.business_id], asset=asset, value=value, created_at=now
        )


def _persons() -> set[frozenset[tuple[str, str]]]:
    people = Person.objects.prefetch_related("scoped_ids__asset")
    persons = (frozenset((row.asset.graph_id, row.value) for row in person.scoped_ids.all()) for person in people)
    return {ids for ids in persons if ids}
