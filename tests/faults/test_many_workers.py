"""Several workers write at once, beside the web server: nothing is locked out, lost, doubled or linked wrongly."""

import sys
from collections import defaultdict

import pytest

from lookups.management.processes import Process
from tests.people import questions_and_people
from tests.stack import Stack, wait_for

PEOPLE = 400
SETTINGS = {"IDLINK_LEASE_SECONDS": "20"}
MAKE_LOOKUPS = """
from django.utils import timezone
from businesses.models import Business, FacebookApp, Page
from lookups.models import Lookup, Run
apps = {app.app_id: app for app in FacebookApp.objects.all()}
pages = {page.page_id: page for page in Page.objects.all()}
now = timezone.now()
for scope, value in %r:
    asset = apps.get(scope) or pages[scope]
    run = Run.objects.create(business=asset.business, kind="one", created_at=now)
    Lookup.objects.create(business=asset.business, run=run, app=apps.get(scope), page=pages.get(scope),
                          value=value, created_at=now)
"""


@pytest.mark.parametrize("stack", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)], indirect=True)
def test_four_workers_resolve_everything_as_the_sandbox_knows_it(stack: Stack):
    questions, expected = questions_and_people(PEOPLE)
    command = [sys.executable, "-m", "celery", "-A", "idlink", "worker", "-Q", "staff", "--concurrency", "2"]
    command += ["--without-mingle", "--without-gossip", "-n", "second@%h"]
    stack.add(Process("second", command, stack.folder / "logs" / "second.log", stack.environment))
    visitor = stack.login()

    stack.manage("shell", "-c", MAKE_LOOKUPS % questions)

    def all_done() -> bool:
        assert visitor.get("/admin/lookups/lookup/").status_code == 200
        return not stack.sql("SELECT 1 FROM lookups_lookup WHERE state <> 'done' LIMIT 1")

    wait_for(all_done, "all lookups", seconds=90)
    assert stack.sql("SELECT COUNT(*) FROM lookups_lookup WHERE attempt > 1")[0][0] == 0
    assert _stored(stack) == expected
    for word in ("database is locked", "deadlock", "Traceback"):
        assert word not in stack.logs()


def _stored(stack: Stack) -> set[frozenset[tuple[str, str]]]:
    persons = defaultdict(set)
    for table, column in (("facebookapp", "app"), ("page", "page")):
        rows = stack.sql(
            f"SELECT s.person_id, a.{column}_id, s.value FROM lookups_scopedid s "
            f"JOIN businesses_{table} a ON a.id = s.{column}_id"
        )
        for person, scope, value in rows:
            persons[person].add((scope, value))
    return {frozenset(ids) for ids in persons.values()}
