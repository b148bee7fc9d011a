"""A list under way in an installation, and the same list where a backup was restored: what is asked there, and when."""

import hashlib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from lookups.management.lanes import LANES, beat_command, worker_command
from lookups.management.processes import Process
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.faults.list_stack import SentList
from tests.people import Scoped, told_about
from tests.stack import Stack, wait_for

GO_ON = """
from django.utils import timezone
from lookups.lists import running
from lookups.models import Run
running.go_on(Run.objects.get(pk=%d), by=None, now=timezone.now())
"""
TABLES = {  # by whether it is SQLite
    True: "SELECT name FROM sqlite_master WHERE type = 'table'",
    False: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def send_list(stack: Stack, rows: int, people: int) -> SentList:
    """Send one ID each of so many people, of all apps and Pages in turn; `people` are in the sandbox."""
    world = default_world(people=people)
    asked: dict[Scoped, frozenset[Scoped]] = {}
    for person in map(world.generated, range(people)):
        if person.business_id == JOHNS and len(asked) < rows:
            asset = list(person.ids)[len(asked) % len(person.ids)]
            asked[asset, person.ids[asset]] = told_about(world, person, asset)
    assert len(asked) == rows, "the sandbox holds too few people"
    return SentList(_at(stack), asked)


def same_list(sent: SentList, place: Stack) -> SentList:
    """The same list, as it stands in another place."""
    same = SentList.__new__(SentList)
    same._at, same._stack, same.key, same.asked = _at(place), place, sent.key, sent.asked
    return same


def _at(stack: Stack) -> SimpleNamespace:
    return SimpleNamespace(stack=stack, mend=lambda: None)


def start(place: Stack) -> None:
    """Start a worker and beat; returns when the business's tokens were checked and some sweeps have come since."""
    for name in ("logs", "broker/queue", "broker/control"):  # as `run` makes them
        (place.folder / name).mkdir(parents=True)
    logs = place.folder / "logs"
    for name, command in (("worker", worker_command(*LANES)), ("beat", beat_command())):
        place.add(Process(name, command, logs / f"{name}.log", place.environment))
    unproven = (
        "SELECT COUNT(*) FROM businesses_tokencheck t JOIN businesses_business b ON b.id = t.business_id "
        f"WHERE b.graph_id = '{JOHNS}' AND (t.problem <> '' OR t.proven_at IS NULL)"
    )
    wait_for(lambda: place.sql(unproven) == [(0,)], "the tokens to be checked", seconds=60)
    for _ in range(3):
        last = _last_sweep(place)
        wait_for(lambda last=last: _last_sweep(place) != last, "a sweep")


def _last_sweep(place: Stack) -> list[tuple[object, ...]]:
    return place.sql("SELECT at FROM lookups_heartbeat WHERE name = 'upkeep'")


def tables(place: Stack) -> list[tuple[str]]:
    """Names of the tables there are."""
    return place.sql(TABLES[place.is_sqlite])


def answered(place: Stack) -> set[str]:
    """IDs whose lookup has ended with an answer."""
    return {value for (value,) in place.sql("SELECT value FROM lookups_lookup WHERE ending IN ('linked', 'none')")}


def asked_about(place: Stack, sent: SentList) -> Counter[str]:
    """Which IDs of the list Graph was asked about since it was reset, and how often."""
    values = {value for _, value in sent.asked}
    nodes = (one["path"].rsplit("/", 1)[-1] for one in place.sandbox.journal() if "batch" not in one["params"])
    return Counter(node for node in nodes if node in values)


def kept_lists(place: Stack) -> set[str]:
    """Hashes of what is kept of lists."""
    folder: Path = place.folder / "lists"
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} if folder.is_dir() else set()
