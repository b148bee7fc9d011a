"""Runs one way once: a fresh sandbox, fresh processes, a fresh database where one is needed."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from tests.benchmarks.copy_limit import road, taken
from tests.benchmarks.copying import Copies
from tests.benchmarks.environments import environment, new_keys
from tests.benchmarks.questions import world_size
from tests.benchmarks.variants import AS_IT_IS
from tests.benchmarks.ways import Way
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.sandbox_process import SandboxProcess

LONGEST_SECONDS = 900
PROCESSES = 2  # of the sandbox, so that it is not what is measured
AS_BULK_DOES = ["nice", "-n", "5"]  # bulk's worker gives way to other processes; then so must what it is compared with
MODULE = [sys.executable, "-m"]


class Runner:
    """Runs ways that ask about so many people; its servers start when first needed and end with the `with` block."""

    def __init__(self, people: int) -> None:
        self._people, self._keys, self._end = people, new_keys(), ExitStack()

    def __enter__(self) -> "Runner":
        self._folder = Path(self._end.enter_context(tempfile.TemporaryDirectory(prefix="idlink-bench-")))
        return self

    def __exit__(self, *told: object) -> None:
        self._end.close()

    def run(self, way: Way, latency: int) -> dict[str, float]:
        """Measure a way at a latency in ms; gives its figures. Ends the driver if the way failed."""
        if not way.command:
            return self._copied()
        people = way.people(self._people)
        size = ["--people", str(world_size(people)), "--latency", str(latency / 1000), "--processes", str(PROCESSES)]
        with SandboxProcess(*size, control=False) as sandbox, self._surroundings(way, sandbox.url) as (settings, more):
            module, *arguments = way.command
            command = [*MODULE, f"tests.benchmarks.{module}", *arguments, "--people", str(people), *more]
            command += ["--url", sandbox.url, "--sandbox", str(sandbox.pid)]
            command += ["--threads", str(way.threads), "--processes", str(way.processes)]
            return json.loads(_output(command if way.processes else [*AS_BULK_DOES, *command], settings, way.shown))

    @contextmanager
    def _surroundings(self, way: Way, graph: str) -> Iterator[tuple[dict[str, str], list[str]]]:
        """Make the database that a way needs; gives its process's environment, and options that name servers."""
        if not way.database:
            yield {}, []
        elif way.database == "sqlite":
            with self._installed("sqlite", graph) as settings:
                yield settings, []
        else:
            url = self._postgres.copy(self._listed) if way.database == "postgres" else self._postgres.new_database()
            with self._installed(url, graph) as settings:
                yield settings, ["--server", str(self._postgres.pid), "--redis", str(self._redis.pid)]
            self._postgres.drop(url)

    @contextmanager
    def _installed(self, url: str, graph: str) -> Iterator[dict[str, str]]:
        """Give the settings of an installation in a folder of its own."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder, broker = Path(name), "filesystem://"
            if url == "sqlite":
                shutil.copyfile(self._listed_sqlite, folder / "idlink.sqlite3")
                url = f"sqlite:///{folder / 'idlink.sqlite3'}"
            else:
                self._redis.empty()
                broker = self._redis.url
            yield environment(folder, self._keys, database=url, broker=broker, graph=graph) | {"KEEPS_SETTINGS": "1"}

    @cached_property
    def _postgres(self) -> PostgresServer:
        server = PostgresServer()
        self._end.callback(server.stop)
        return server

    @cached_property
    def _redis(self) -> RedisServer:
        server = RedisServer()
        self._end.callback(server.remove)
        return server

    @cached_property
    def _listed(self) -> str:
        """The URL of an installation's database with a list that was imported, not started; the road copies it."""
        url = self._postgres.new_database()
        self._prepare(url)
        return url

    @cached_property
    def _listed_sqlite(self) -> Path:
        file = self._folder / "listed.sqlite3"
        self._prepare(f"sqlite:///{file}")
        return file

    def _prepare(self, url: str) -> None:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            nowhere = "http://127.0.0.1:9"  # nobody is called
            settings = environment(Path(folder), self._keys, database=url, broker="filesystem://", graph=nowhere)
            command = [*MODULE, "tests.benchmarks.prepared", str(self._people)]
            _output(command, settings | {"KEEPS_SETTINGS": "1"}, "importing the list")

    @cached_property
    def _copies(self) -> Copies:
        url = self._postgres.new_database()
        with road(url, self._people) as marks:
            return Copies(url, *taken(url, marks))

    def _copied(self) -> dict[str, float]:
        told = self._copies.measure(AS_IT_IS)
        return {
            "people": self._people,
            "people_per_second": self._people / told.wall,
            "client_ms": 1000 * told.client / self._people,
            "server_ms": 1000 * told.machinery / self._people,
            "bytes": sum(told.sizes.values()) / self._people,
        }


def _output(command: list[str], settings: dict[str, str], what: str) -> str:
    """Run a command with these settings and no proxy in the way of some clients only; gives the last line it wrote."""
    kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.lower().endswith("_proxy")}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**kept, "LOG_LEVEL": "WARNING", **settings},
        timeout=LONGEST_SECONDS,
    )
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stderr}")
    return next(iter(done.stdout.splitlines()[-1:]), "")
