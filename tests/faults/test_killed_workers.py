"""Workers are killed again and again while they write about the same people: all ends as if none had been.

`make test-slow` does it with 20,000 lookups.
"""

import json
import os
import random
import time
from collections import defaultdict

import networkx
import pytest

from lookups.management.lanes import LANES, worker_command
from lookups.management.processes import Process
from lookups.sandbox.world.default_world import default_world
from tests.people import Scoped, told_about
from tests.stack import Stack, wait_for

LOOKUPS = int(os.environ.get("KILL_LOOKUPS") or 600)
PEOPLE = LOOKUPS  # more than are asked about
SPREAD = 40 + LOOKUPS // 400  # seconds over which the lookups fall due: a killed worker is back after some six
DEADLINE = 120 + LOOKUPS // 40
WORKERS = ["worker", "second", "third", "fourth"]
SETTINGS = {
    "IDLINK_LEASE_SECONDS": "4" if LOOKUPS < 2000 else "20",  # many workers record one after the other
    "IDLINK_GRAPH_DEADLINE": "3",
    "IDLINK_MAX_ATTEMPTS": "1000",
    "IDLINK_CALLS_AT_ONCE": "4",
}
MAKE_LOOKUPS = """
import json, pathlib
from datetime import timedelta
from django.utils import timezone
from businesses.models import Asset
from lookups.models import Lookup, Run
assets = {asset.graph_id: asset for asset in Asset.objects.select_related("business")}
now = timezone.now()
businesses = {asset.business for asset in assets.values()}
runs = {business: Run.objects.create(business=business, kind="one", created_at=now) for business in businesses}
questions = json.loads(pathlib.Path(%r).read_text())
Lookup.objects.bulk_create(
    Lookup(business=asset.business, run=runs[asset.business], asset=asset, value=value, created_at=now,
           not_before=now + timedelta(seconds=%d * number / len(questions)))
    for number, (asset, value) in enumerate((assets[graph_id], value) for graph_id, value in questions)
)
"""
pytestmark = pytest.mark.timeout(DEADLINE + 120)


@pytest.mark.long
@pytest.mark.parametrize("stack", ["postgres"], indirect=True)
def test_whoever_is_killed_whenever_all_is_resolved_as_the_sandbox_knows_it(stack: Stack):
    questions, expected = _questions_and_persons()
    for name in WORKERS[1:]:
        stack.add(_worker(stack, name))
    stack.sandbox.control("rules", [{"match": {"item": False}, "action": {"delay": 0.3}}])
    visitor = stack.login()
    _store(stack, questions)

    kills = 0
    deadline = time.monotonic() + DEADLINE
    chance = random.Random(LOOKUPS)
    while not _all_done(stack):
        assert time.monotonic() < deadline, "the lookups do not end"
        assert visitor.get("/admin/lookups/lookup/").status_code == 200
        kills += _kill_one_at_work(stack, chance)

    assert kills >= 3
    assert _count(stack, "lookups_lookup WHERE attempt > 1") > 0
    assert _count(stack, "lookups_lookup") == len(questions)
    outcomes = stack.sql("SELECT DISTINCT o FROM lookups_lookup, LATERAL (VALUES (apps_outcome), (pages_outcome)) v(o)")
    assert {outcome for (outcome,) in outcomes} <= {"linked", "none"}
    stored = stack.sql(
        "SELECT s.person_id, a.graph_id, s.value FROM lookups_scopedid s JOIN businesses_asset a ON a.id = s.asset_id"
    )
    assert len({(asset, value) for _, asset, value in stored}) == len(stored)
    assert _persons(stored) == expected
    assert _emptied_but_not_joined(stack) == []
    for words in ("deadlock", "raised unexpected"):
        assert words not in stack.logs()
    assert "Traceback" not in stack.processes["web"].log.read_text()


def _worker(stack: Stack, name: str) -> Process:
    return Process(name, worker_command(*LANES, name=name), stack.folder / "logs" / f"{name}.log", stack.environment)


def _questions_and_persons() -> tuple[list[Scoped], set[frozenset[Scoped]]]:
    """All IDs of so many people, those of one person next to each other; and the persons that must come of them."""
    world = default_world(people=PEOPLE)
    under_review = {business.id for business in world.businesses.values() if business.under_review}
    questions: list[Scoped] = []
    graph = networkx.Graph()
    for person in map(world.generated, range(PEOPLE)):
        if person.business_id not in under_review and len(questions) < LOOKUPS:
            questions += person.ids.items()
            for asset, value in person.ids.items():
                graph.add_node((asset, value))
                graph.add_edges_from(((asset, value), told) for told in told_about(world, person, asset))
    return questions, set(map(frozenset, networkx.connected_components(graph)))


def _store(stack: Stack, questions: list[Scoped]) -> None:
    path = stack.folder / "questions.json"
    path.write_text(json.dumps(questions))
    stack.manage("shell", "-c", MAKE_LOOKUPS % (str(path), SPREAD))


def _kill_one_at_work(stack: Stack, chance: random.Random) -> bool:
    """Kill a worker at some moment of its work, start it anew and wait until it is there; false if all is done."""
    wait_for(lambda: _is_busy(stack) or _all_done(stack), "work", seconds=30)
    for process in map(stack.processes.get, WORKERS):
        if process and process.exit_status is not None:  # it read a message that a killed one left half-written
            process.start()  # as the supervisor does
    if _all_done(stack):
        return False
    process = stack.processes[chance.choice(WORKERS)]
    started = _times_ready(process)
    time.sleep(chance.uniform(0, 0.5))  # the moment is to be any
    stack.kill(process.name)
    process.start()
    wait_for(lambda: _is_back(process, started), f"{process.name} to be back", seconds=60)
    return True


def _is_back(process: Process, started: int) -> bool:
    """Tell whether a worker takes messages again; one that ends instead is started anew, as the supervisor does."""
    if process.exit_status is not None:
        process.start()
    return _times_ready(process) > started


def _times_ready(process: Process) -> int:
    return process.log.read_text(errors="replace").count(' ready."')


def _is_busy(stack: Stack) -> bool:
    return _count(stack, "lookups_lookup WHERE state = 'claimed'") > 0


def _all_done(stack: Stack) -> bool:
    return _count(stack, "lookups_lookup WHERE state <> 'done'") == 0


def _count(stack: Stack, which: str) -> int:
    return int(stack.sql(f"SELECT COUNT(*) FROM {which}")[0][0])


def _persons(stored: list[tuple[int, str, str]]) -> set[frozenset[Scoped]]:
    persons = defaultdict(set)
    for person, asset, value in stored:
        persons[person].add((asset, value))
    return {frozenset(ids) for ids in persons.values()}


def _emptied_but_not_joined(stack: Stack) -> list[tuple[int]]:
    return stack.sql(
        "SELECT p.id FROM lookups_person p "
        "WHERE NOT EXISTS (SELECT 1 FROM lookups_scopedid s WHERE s.person_id = p.id) "
        "AND NOT EXISTS (SELECT 1 FROM lookups_personevent e WHERE e.person_id = p.id AND e.kind = 'joined')"
    )
