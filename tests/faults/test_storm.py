"""A storm of faults, seeded: every lookup ends as it would have without, nothing is lost and nothing linked wrongly."""

import pytest
from django.utils import timezone

from businesses.models import Business, FacebookApp, Page
from lookups import resolver
from lookups.management.demo_world import seed_world
from lookups.models import Lookup, Person, QuotaPool, Run
from tests.makers import make_user
from tests.people import questions_and_people

PEOPLE = 600
SHARE = 0.3
pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.timeout(180)]


def fault(action: dict, *, item: bool, share: float) -> dict:
    return {"match": {"item": item, "share": share}, "action": action}


STORM = [
    fault({"cut": "before"}, item=False, share=SHARE / 6),
    fault({"cut": "body"}, item=False, share=SHARE / 6),
    fault({"answer": {"status": 502, "body": "<html>"}}, item=False, share=SHARE / 6),
    fault({"answer": {"status": 200, "body": "<html>"}}, item=False, share=SHARE / 6),
    fault({"answer": {"status": 200, "body": '[{"code": 200, "bo'}}, item=False, share=SHARE / 6),
    fault({"error": {"code": 4, "status": 400}, "headers": {"Retry-After": "1"}}, item=False, share=SHARE / 6),
    fault({"null": True}, item=True, share=SHARE / 4),
    fault({"error": {"code": 2, "status": 500, "is_transient": True}}, item=True, share=SHARE / 4),
    fault({"error": {"code": 1, "status": 500}}, item=True, share=SHARE / 4),
    fault({"answer": {"status": 502, "body": ""}}, item=True, share=SHARE / 4),
]


def test_a_storm_of_faults_changes_nothing_in_the_end(start_sandbox, settings):
    sandbox = start_sandbox("--people", str(PEOPLE))
    questions, expected = questions_and_people(PEOPLE)
    _store(sandbox, questions)
    settings.IDLINK_GRAPH_URL, settings.IDLINK_MAX_ATTEMPTS, settings.IDLINK_RETRIES_PER_LOOKUP = sandbox.url, 100, 100
    resolver.graph_client.cache_clear()
    sandbox.control("rules", STORM)

    rounds = 0
    while Lookup.objects.exclude(state="done").exists():
        rounds += 1
        assert rounds < 200, "the storm has no end"
        while resolver.resolve_batch("staff"):
            pass
        # An hour passes: whatever waits is due again.
        Lookup.objects.update(not_before=None)
        QuotaPool.objects.update(wait_until=None)

    resolver.graph_client.cache_clear()
    assert rounds > 1
    assert sum(rule["applied"] for rule in sandbox.read("rules")) > 100
    assert Lookup.objects.count() == len(questions)
    assert set(Lookup.objects.values_list("apps_outcome", flat=True)) <= {"linked", "none"}
    assert _persons() == expected


def _store(sandbox, questions: list[tuple[str, str]]) -> None:
    seed_world(sandbox.world, by=make_user("seeder"), now=timezone.now())
    apps = {app.app_id: app for app in FacebookApp.objects.select_related("business")}
    pages = {page.page_id: page for page in Page.objects.select_related("business")}
    now = timezone.now()
    runs = {b.pk: Run.objects.create(business=b, kind=Run.Kind.ONE, created_at=now) for b in Business.objects.all()}
    for scope, value in questions:
        asset = apps.get(scope) or pages[scope]
        Lookup.objects.create(
            business=asset.business, run=runs[asset.business_id], app=apps.get(scope), page=pages.get(scope),
            value=value, created_at=now,
        )  # fmt: skip


def _persons() -> set[frozenset[tuple[str, str]]]:
    people = Person.objects.prefetch_related("scoped_ids__app", "scoped_ids__page")
    persons = (frozenset((row.asset.graph_id, row.value) for row in person.scoped_ids.all()) for person in people)
    return {ids for ids in persons if ids}
