"""An installation's commands and workers as real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from lookups.management.lanes import beat_command, worker_command
from lookups.management.processes import Process, stop_all
from lookups.management.supervisor import background_checks
from lookups.models import BEAT, UPKEEP, Lane
from tests.stack import wait_for

ROOT = Path(__file__).resolve().parents[2]
SOON = 100.0  # seconds in which workers should have started, on a busy machine, too


def manage(environment: dict[str, str], *arguments: str) -> None:
    """Run a management command of the installation."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, env={**os.environ, **environment}, cwd=ROOT, check=True)


@contextmanager
def workers(logs: Path, processes: int) -> Iterator[list[int]]:
    """Run what works off lists: bulk's worker with so many processes, upkeep's, and beat; gives their numbers."""
    start = datetime.now(UTC)
    commands = {Lane.BULK: bulk_command(processes), UPKEEP: worker_command(UPKEEP), BEAT: beat_command()}
    started = [Process(name, command, logs / f"{name}.log") for name, command in commands.items()]
    checks = [check for name, check in background_checks(start).items() if name in commands]
    try:
        for one in started:
            one.start()
        wait_for(lambda: all(check() for check in checks), "the workers to be ready", seconds=SOON)
        yield [one.handle.pid for one in started if one.handle]
    finally:
        stop_all(started)


def bulk_command(processes: int) -> list[str]:
    """Give the command of bulk's worker, but for the number of its processes."""
    command = worker_command(Lane.BULK)
    place = command.index("-c") + 1
    return [*command[:place], str(processes), *command[place + 1 :]]
