"""Two schedulers and two workers beside each other, as real processes: every due ID is asked once."""

import time

import pytest

from lookups.management.lanes import LANES, beat_command, worker_command
from lookups.management.processes import Process
from tests.people import questions_and_people
from tests.stack import Stack, wait_for

PEOPLE = 80
on_both = pytest.mark.parametrize("stack", [pytest.param("sqlite", marks=pytest.mark.long), "postgres"], indirect=True)
SETTINGS = {"IDLINK_LEASE_SECONDS": "20"}
MAKE_STALE = """
from datetime import timedelta
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from businesses.models import Asset
from lookups.models import Person, ScopedID
assets = {asset.graph_id: asset for asset in Asset.objects.all()}
for number, (graph_id, value) in enumerate(%r):
    asset, at = assets[graph_id], timezone.now() - timedelta(days=31 + number / 100)
    person = Person.objects.create(business=asset.business, public_id=f"STALE{number:06}", created_at=at)
    ScopedID.objects.create(business=asset.business, asset=asset, value=value, person=person, first_seen=at,
                            public_id=person.public_id)
often = IntervalSchedule.objects.create(every=2, period="seconds")
task = PeriodicTask.objects.get(name="refresh")
task.interval = often
task.save()
"""


@pytest.mark.long
@on_both
def test_every_due_id_is_asked_once(stack: Stack):
    questions, _ = questions_and_people(PEOPLE)
    for name, command in (("beat2", beat_command()), ("worker2", worker_command(*LANES, name="second"))):
        stack.add(Process(name, command, stack.folder / "logs" / f"{name}.log", stack.environment))

    stack.manage("shell", "-c", MAKE_STALE % questions)

    def all_asked() -> bool:
        done = stack.sql("SELECT count(*) FROM lookups_lookup WHERE state = 'done' AND lane = 'bulk'")
        return done[0][0] >= len(questions)

    wait_for(all_asked, "all that was due", seconds=120)
    time.sleep(6)  # some more ticks
    refreshed = "FROM lookups_lookup l JOIN lookups_run r ON r.id = l.run_id WHERE r.kind = 'refresh'"
    assert stack.sql(f"SELECT value FROM (SELECT l.value {refreshed}) v GROUP BY value HAVING count(*) > 1") == []
    assert stack.sql(f"SELECT count(*) {refreshed}")[0][0] == len(questions)
    per_run = "SELECT r.rows - count(*) FROM lookups_run r JOIN lookups_lookup l ON l.run_id = r.id"
    assert set(stack.sql(f"{per_run} WHERE r.kind = 'refresh' GROUP BY r.id, r.rows")) == {(0,)}
    for word in ("database is locked", "deadlock", "Traceback"):
        assert word not in stack.logs()


@pytest.mark.long
@on_both
def test_health_is_red_when_no_sweep_comes_and_says_which_part(stack: Stack):
    visitor = stack.login()
    assert visitor.get("/health/").status_code == 200

    for name in ("beat", "beat2"):
        if name in stack.processes:
            stack.kill(name)

    wait_for(lambda: visitor.get("/health/").json()["beat"] is False, "health to name beat", seconds=75)
    assert visitor.get("/health/").status_code == 503
