"""A long list from its file to its end, with real processes: PostgreSQL, Redis, workers, beat, the sandbox.

Prints what it took: rows a second, calls, the most memory each process held, the size of the database.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from lookups.management.processes import Process, stop_all
from lookups.management.supervisor import our_processes
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.benchmarks.databases import connected
from tests.benchmarks.environments import environment, new_keys
from tests.benchmarks.measuring import parent_of
from tests.benchmarks.real_processes import ROOT, manage
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.sandbox_process import SandboxProcess

EVERY = 2.0  # seconds between two looks at the memory


class Memory:
    """The most memory that each group of processes held at once, in MB; shared pages are counted once."""

    def __init__(self) -> None:
        self.groups: dict[str, int] = {}
        self.most: dict[str, float] = defaultdict(float)
        self._over = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look now and then until the block ends."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            for name, pid in list(self.groups.items()):
                held = sum(_proportional_kb(one) for one in _family(pid)) / 1024
                self.most[name] = max(self.most[name], held)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _proportional_kb(pid: int) -> int:
    try:
        told = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0  # it has just ended
    return int(told[1]) if told else 0


def write_list(path: Path, rows: int) -> int:
    """Write a CSV with one ID of each of so many people of one business; gives how many the sandbox must hold."""
    world, written, index = default_world(people=10 * rows), 0, 0
    with path.open("w", encoding="utf-8") as file:
        file.write("where,id\n")
        while written < rows:
            person = world.generated(index)
            index += 1
            if person.business_id == JOHNS:
                scopes = list(person.ids)
                scope = scopes[index % len(scopes)]
                file.write(f"{scope},{person.ids[scope]}\n")
                written += 1
    return index


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.02, help="of the sandbox, in seconds")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="idlink-long-list-")))
        file = folder / "list.csv"
        people = write_list(file, given.rows)
        postgres, redis = PostgresServer(), RedisServer()
        stack.callback(postgres.stop)
        stack.callback(redis.remove)
        sandbox = SandboxProcess("--people", str(people), "--latency", str(given.latency), control=False)
        stack.callback(sandbox.stop)
        url = postgres.new_database()
        ours = environment(folder, new_keys(), database=url, broker=redis.url, graph=sandbox.url)
        manage(ours, "demo", "--seed-only")
        processes = [one for one in our_processes(folder / "logs", "127.0.0.1", 0, ours) if one.name != "web"]
        stack.callback(lambda: stop_all(processes))
        for process in processes:
            process.start()
        _measure(given.rows, file, ours, url, _groups(processes, sandbox, redis, url))


def _measure(rows: int, file: Path, ours: dict[str, str], url: str, groups: dict[str, int]) -> None:
    memory = Memory()
    memory.groups = groups
    command = ["import_ids", str(file), "--business", JOHNS, "--id-column", "id", "--asset-column", "where"]
    with memory.watched():
        start = time.monotonic()
        running = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *command, "--start", "--yes", "--wait"],
            env={**os.environ, **ours},
            cwd=ROOT,
        )
        memory.groups["import_ids"] = running.pid
        status = running.wait()
        wall = time.monotonic() - start
    print(f"\nexit status {status}; {rows:,} rows in {wall:,.0f} s, from the file's opening to the run's end")
    for line in _told_by(url):
        print(line)
    for name, most in memory.most.items():
        print(f"most memory of {name}: {most:,.0f} MB")


def _told_by(url: str) -> Iterator[str]:
    run = "SELECT started_at - created_at, finished_at - started_at, state, rows, linked, none, fresh, refused, failed"
    connection = connected(url)
    with connection.cursor() as cursor:
        cursor.execute(f"{run} FROM lookups_run WHERE kind = 'list'")
        read, asked, state, count, *endings = cursor.fetchall()[0]
        yield f"read in {read}; asked in {asked}: {count / asked.total_seconds():,.0f} rows a second; {state}"
        yield f"linked, none, fresh, refused, failed: {endings}"
        cursor.execute("SELECT COUNT(*), COUNT(DISTINCT lookup_id) FROM lookups_answer")
        yield "answers {:,} to {:,} lookups".format(*cursor.fetchone())
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        yield f"database: {cursor.fetchone()[0]}"
    connection.close()


def _groups(processes: list[Process], sandbox: SandboxProcess, redis: RedisServer, url: str) -> dict[str, int]:
    connection = connected(url)
    server = parent_of(connection.info.backend_pid)
    connection.close()
    ours = {one.name: one.handle.pid for one in processes if one.handle}
    return {**ours, "sandbox": sandbox.pid, "Redis": redis.pid, "PostgreSQL": server}


if __name__ == "__main__":
    main()
