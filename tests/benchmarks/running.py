"""Runs one way once: a fresh sandbox, a fresh process, a fresh database where one is needed."""

import json
import os
import subprocess
import sys
from functools import cached_property

from tests.benchmarks.questions import world_size
from tests.benchmarks.ways import Way
from tests.postgres import PostgresServer
from tests.sandbox_process import SandboxProcess

LONGEST_SECONDS = 900
PROCESSES = 2  # of the sandbox, so that it is not what is measured


class Runner:
    """Runs ways; its PostgreSQL starts when first needed and ends with the driver."""

    @cached_property
    def _postgres(self) -> PostgresServer:
        return PostgresServer()

    def run(self, way: Way, *, latency: int, people: int) -> dict[str, float]:
        """Measure a way at a latency in ms; gives its figures. Ends the driver if the way failed."""
        asked = way.people_at(latency, people)
        size = ["--people", str(world_size(people)), "--latency", str(latency / 1000), "--processes", str(PROCESSES)]
        with SandboxProcess(*size, control=False) as sandbox:
            module, *arguments = way.command
            command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
            command += ["--url", sandbox.url, "--sandbox", str(sandbox.pid), "--people", str(asked)]
            done = subprocess.run(
                command, capture_output=True, text=True, env=self._environment(way), timeout=LONGEST_SECONDS
            )
        if done.returncode:
            sys.exit(f"{way.shown}, {latency} ms, failed:\n{done.stderr}")
        told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return told

    def _environment(self, way: Way) -> dict[str, str]:
        """What the process sees: its database, and no proxy in the way of some clients only."""
        kept = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.lower().endswith("_proxy")}
        database = {"DATABASE_URL": self._postgres.new_database()} if way.database == "postgres" else {}
        return {**kept, "LOG_LEVEL": "WARNING", **database}

    def stop(self) -> None:
        """Stop PostgreSQL, if it was needed."""
        if "_postgres" in self.__dict__:
            self._postgres.stop()
