"""Several workers write at once, beside the web server: nothing is locked out, lost, doubled or linked wrongly."""

from collections import defaultdict

import pytest

from lookups.management.lanes import worker_command
from lookups.management.processes import Process
from tests.people import questions_and_people
from tests.stack import Stack, wait_for

PEOPLE = 400
SETTINGS = {"IDLINK_LEASE_SECONDS": "20"}
MAKE_LOOKUPS = """
from django.utils import timezone
from businesses.models import Asset
from lookups.models import Lookup, Run
assets = {asset.graph_id: asset for asset in Asset.objects.all()}
now = timezone.now()
for graph_id, value in %r:
    asset = assets[graph_id]
    run = Run.objects.create(business=asset.business, kind="one", created_at=now)
    Lookup.objects.create(business=asset.business, run=run, asset=asset, value=value, created_at=now)
"""


@pytest.mark.long
@pytest.mark.parametrize("stack", ["sqlite", "postgres"], indirect=True)
def test_four_workers_resolve_everything_as_the_sandbox_knows_it(stack: Stack):
    questions, expected = questions_and_people(PEOPLE)
    stack.add(
        Process(
            "second", worker_command("staff", name="second"), stack.folder / "logs" / "second.log", stack.environment
        )
    )
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
    rows = stack.sql(
        "SELECT s.person_id, a.graph_id, s.value FROM lookups_scopedid s JOIN businesses_asset a ON a.id = s.asset_id"
    )
    for person, asset, value in rows:
        persons[person].add((asset, value))
    return {frozenset(ids) for ids in persons.values()}
