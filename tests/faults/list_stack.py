"""A whole installation on PostgreSQL and a broker, lists for it, and what must be true of every list at its end."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import requests

from lookups.management.lanes import LANES, worker_command
from lookups.management.processes import Process
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.faults.clock import Clock
from tests.people import Scoped, told_about
from tests.postgres import PostgresServer
from tests.rabbit_server import RabbitServer
from tests.redis_server import RedisServer
from tests.stack import Stack, wait_for

PARTS = ("linked", "none", "fresh", "refused", "failed", "rejected", "duplicate", "todo")
SETTINGS = {
    "IDLINK_LEASE_SECONDS": "4",
    "IDLINK_GRAPH_DEADLINE": "3",
    "IDLINK_MAX_ATTEMPTS": "1000",
    "IDLINK_CALLS_AT_ONCE": "2",
    "IDLINK_RETRIES_PER_LOOKUP": "1000",
    "IDLINK_PROBE_HOURS": "0.0005",
}


class ListStack:
    """The stack, the servers below it, and the people whose IDs its lists hold; each list has people of its own.

    idlink's own processes go by `clock`; the database, the broker and the sandbox by the machine's.
    """

    def __init__(
        self, folder: Path, people: int, broker: type[RedisServer | RabbitServer] = RedisServer, **more: str
    ) -> None:
        self.postgres, self.broker, self.clock = PostgresServer(), broker(), Clock(folder)
        settings = {**SETTINGS, **self.clock.environment, "CELERY_BROKER_URL": self.broker.url, **more}
        self.stack = Stack(folder, self.postgres.migrated_database(), people=people, **settings)
        self.world = default_world(people=people)
        self._people = (one for one in map(self.world.generated, range(people)) if one.business_id == JOHNS)
        self._folder = folder

    def start(self) -> "ListStack":
        """Start everything, with a second worker."""
        self.stack.start()
        self.add_worker("second")
        return self

    def stop(self) -> None:
        """Stop everything."""
        self.stack.stop()
        self.broker.remove()
        self.postgres.stop()

    @contextmanager
    def administrator(self) -> Iterator["psycopg2.extensions.cursor"]:
        """A connection of one's own to the database, every statement of which holds at once."""
        connection = self.stack.connect()
        connection.autocommit = True
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def add_worker(self, name: str) -> None:
        """Start one more worker."""
        command = worker_command(*LANES, name=name)
        self.stack.add(Process(name, command, self._folder / "logs" / f"{name}.log", self.stack.environment))

    def restart(self, name: str) -> None:
        """Kill a process and start it again, as the supervisor does."""
        self.stack.kill(name)
        self.stack.processes[name].start()

    @property
    def is_well(self) -> bool:
        """Whether health says so."""
        try:
            return requests.get(f"{self.stack.url}/health/", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def mend(self) -> None:
        """Start what has ended, as the supervisor does."""
        for process in self.stack.processes.values():
            if process.exit_status is not None:
                process.start()

    def outages_told(self) -> int:
        """Give how often workers and scheduler have told that the database is away; they must tell no more of it."""
        logs = [self.stack.processes[name].log.read_text() for name in ("worker", "second", "beat")]
        # PostgreSQL's own library writes past our log while it connects.
        lines = [line for log in logs for line in log.splitlines() if line.startswith("{")]
        messages = [json.loads(line)["message"] for line in lines]
        assert [told for told in messages if "OperationalError(" in told or "OperationalError:" in told] == []
        return sum(told.startswith("The database does not answer") for told in messages)

    def new_list(self, rows: int, *, asset: str = "") -> "SentList":
        """Send a list of so many people, one ID each, of one app or Page or of all; asked about slowly."""
        asked = {}
        for person in self._people:
            assets = [one for one in person.ids if asset in ("", one)]
            if assets:
                chosen = assets[len(asked) % len(assets)]
                asked[chosen, person.ids[chosen]] = told_about(self.world, person, chosen)
            if len(asked) == rows:
                break
        assert len(asked) == rows, "the sandbox holds too few people"
        return SentList(self, asked)


class SentList:
    """A list under way: its rows, the truth about them, and how to wait for its end."""

    def __init__(self, at: ListStack, asked: dict[Scoped, frozenset[Scoped]]) -> None:
        self._at, self._stack, self.asked = at, at.stack, asked
        self.path = at.stack.folder / "list.csv"
        with self.path.open("w", newline="") as file:
            csv.writer(file).writerows([("where", "id"), *asked])
        columns = ["--id-column", "id", "--asset-column", "where"]
        before = {key for (key,) in self._stack.sql("SELECT id FROM lookups_run")}
        self._stack.manage("import_ids", str(self.path), "--business", JOHNS, *columns, "--start", "--yes")
        (self.key,) = {key for (key,) in self._stack.sql("SELECT id FROM lookups_run WHERE kind = 'list'")} - before

    @property
    def counts(self) -> dict[str, int]:
        """The run's own counts, with what is under way."""
        (row,) = self._stack.sql(
            f"SELECT rows, state, {', '.join(PARTS)}, (SELECT COUNT(*) FROM lookups_lookup l WHERE l.run_id = r.id "
            f"AND l.state <> 'done') FROM lookups_run r WHERE id = {self.key}"
        )
        return dict(zip(("rows", "state", *PARTS, "under way"), row, strict=True))

    @property
    def is_over(self) -> bool:
        """Whether it has ended; until then its sum must meet at every look."""
        counts = self.counts
        assert counts["rows"] == sum(counts[part] for part in (*PARTS, "under way")), counts
        return counts["state"] in ("done", "cancelled", "faulty")

    @property
    def answered(self) -> int:
        """How many of its rows have been answered so far."""
        return self.counts["linked"] + self.counts["none"]

    @property
    def claimed(self) -> int:
        """How many of its lookups a worker has in hand."""
        return len(self.claimed_ids())

    def claimed_ids(self) -> set[str]:
        """Give the IDs whose lookups a worker has in hand."""
        query = f"SELECT value FROM lookups_lookup WHERE run_id = {self.key} AND state = 'claimed'"
        return {value for (value,) in self._stack.sql(query)}

    def under_way(self) -> "SentList":
        """Wait until rows are claimed; once it is over, check it and send another. Gives the list that is at work."""
        wait_for(lambda: self.is_over or self.claimed > 0, "work", seconds=60)
        if not self.is_over:
            return self
        self.check()
        return self._at.new_list(len(self.asked)).under_way()

    def wait_until_part_is_done(self, share: float) -> None:
        """Wait until this share of the rows is answered."""
        wait_for(lambda: self.answered >= share * len(self.asked), "part of the list", seconds=90)

    def wait(self, seconds: float) -> None:
        """Wait for its end."""
        wait_for(lambda: self._at.mend() or self.is_over, f"the list to end: {self.counts}", seconds=seconds)

    def check(self, **others: int) -> None:
        """Demand its end: done, all rows answered but these, no wrong link, nothing asked twice for nothing."""
        counts = self.counts
        assert counts["state"] == "done", counts
        assert counts["linked"] + counts["none"] + counts["fresh"] == len(self.asked) - sum(others.values()), counts
        assert {name: counts[name] for name in others} == others
        self.check_links()
        self.check_calls()

    def check_links(self) -> None:
        """Demand that each answered row's ID stands with just the IDs that Graph tells of it."""
        stored = dict(self._links())
        for question, expected in self.asked.items():
            assert stored.get(question, expected) == expected, question

    def _links(self) -> Iterator[tuple[Scoped, frozenset[Scoped]]]:
        rows = self._stack.sql(
            "SELECT s.person_id, a.graph_id, s.value FROM lookups_scopedid s "
            "JOIN businesses_asset a ON a.id = s.asset_id"
        )
        persons: dict[int, set[Scoped]] = {}
        for person, asset, value in rows:
            persons.setdefault(person, set()).add((asset, value))
        for ids in persons.values():
            for scoped in ids:
                yield scoped, frozenset(ids)

    def check_calls(self) -> None:
        """Demand that each ID was asked about once, but for those whose lookup was claimed again."""
        asked = self.times_asked()
        attempts = self._stack.sql(f"SELECT value, attempt FROM lookups_lookup WHERE run_id = {self.key}")
        too_often = [(value, asked[value], attempt) for value, attempt in attempts if asked[value] > attempt]
        assert not too_often, too_often[:5]
        assert asked.total() <= sum(attempt for _, attempt in attempts)

    def times_asked(self) -> Counter[str]:
        """Give how often the sandbox was asked about each of its IDs."""
        values = {value for _, value in self.asked}
        items = (entry for entry in self._stack.sandbox.journal() if "batch" not in entry["params"])
        asked = (entry["path"].rsplit("/", 1)[-1] for entry in items)
        return Counter(value for value in asked if value in values)


def told(stack: Stack, code: str) -> str:
    """Run a line of Python in the installation; gives what it printed."""
    return stack.manage("shell", "-v", "0", "-c", code)


def as_json(text: str) -> object:
    """Read what a line of Python printed as JSON."""
    return json.loads(text.strip().splitlines()[-1])
