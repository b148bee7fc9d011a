"""Runs all processes of an installation on one machine, until SIGINT or SIGTERM comes."""

import fcntl
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from lookups.management.addresses import host_and_port, web_url
from lookups.management.database_form import refuse_another_form
from lookups.management.lanes import LANES, beat_command, worker_command
from lookups.management.processes import Process, stop_all
from lookups.models import PARTS, Heartbeat

READY_SECONDS = 60.0
WEB_ANSWERS = (200, 503, 400)  # 503: still starting; 400: ALLOWED_HOSTS names other hosts than this machine
Say = Callable[[str], object]


def prepare(say: Say) -> Path:
    """Make folders, database and static files ready; gives the folder for logs. Raises CommandError."""
    var = Path(settings.VAR_DIR)
    for name in ("logs", "broker/queue", "broker/control", "static", "uploads"):
        (var / name).mkdir(parents=True, exist_ok=True)
    _empty_broker(var / "broker")
    _empty(Path(settings.FILE_UPLOAD_TEMP_DIR))
    refuse_another_form()
    say("Preparing the database and static files …")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    return var / "logs"


@contextmanager
def alone(var: Path) -> Any:
    """Hold the lock of the folder; raises CommandError if another installation holds it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "running.lock").open("w") as lock:
        taken = False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            taken = True
        if taken:
            raise CommandError(f"idlink is running already with the folder {var}. Stop that one first.")
        yield


def our_processes(logs: Path, host: str, port: int, environment: dict[str, str]) -> list[Process]:
    """Give the processes of the lanes' workers, scheduler and web server, not yet started."""
    web = [sys.executable, "-m", "idlink.web", "--listen", host_and_port(host, port)]
    commands = {**{f"{lane} worker": worker_command(lane) for lane in LANES}, "beat": beat_command(), "web": web}
    return [Process(name, command, _log(logs, name), environment) for name, command in commands.items()]


def run(processes: Sequence[Process], checks: dict[str, Callable[[], bool]], say: Say, ready: Say) -> None:
    """Start all processes, wait until every check holds, call `ready`, then watch until SIGINT or SIGTERM comes."""
    told_to_stop = threading.Event()
    # The handler only sets a flag: code that catches exceptions could swallow one raised in a handler.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told_to_stop.set())
    try:
        for process in processes:
            process.log.write_bytes(b"")
            process.start()
        if _wait(processes, checks, say, told_to_stop):
            ready("")
        while not told_to_stop.wait(0.5):
            _mend(processes, say)
        say("\nStopping …")
    finally:
        stop_all(processes)
    say("Stopped.")


def web_is_up(host: str, port: int) -> bool:
    """Tell whether our web server answers over HTTP; the error page of a crash does not count."""
    return answers(f"{web_url(host, port)}/health/", WEB_ANSWERS)


def answers(url: str, statuses: Sequence[int] = (200,)) -> bool:
    """Tell whether a URL of our own answers with one of these statuses."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  (our own processes)
            return response.status in statuses
    except urllib.error.HTTPError as error:
        return error.code in statuses
    except OSError:
        return False


def seen_since(name: str, start: datetime) -> bool:
    """Tell whether a background process has shown a sign of life since `start`."""
    return Heartbeat.objects.filter(name=name, at__gte=start).exists()


def background_checks(start: datetime) -> dict[str, Callable[[], bool]]:
    """Give the checks that the workers and the scheduler have started."""
    return {name: partial(seen_since, name, start) for name in PARTS}


def _log(logs: Path, name: str) -> Path:
    return logs / f"{name.partition(' ')[0]}.log"


def _empty_broker(folder: Path) -> None:
    # A killed run may leave half-written files, which stop every worker that reads them. Nothing is lost: messages
    # only wake workers, and the sweep finds the waiting rows.
    _empty(folder)


def _empty(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink(missing_ok=True)


def _wait(
    processes: Sequence[Process], checks: dict[str, Callable[[], bool]], say: Say, told_to_stop: threading.Event
) -> bool:
    """Wait until every check holds; false if a signal to stop comes first."""
    deadline = time.monotonic() + READY_SECONDS
    waiting = dict(checks)
    while waiting:
        for name in [name for name, holds in waiting.items() if holds()]:
            del waiting[name]
            say(f"  {name} is ready")
        _mend(processes, say)
        if time.monotonic() > deadline:
            logs = processes[0].log.parent
            raise CommandError(f"Not ready after {READY_SECONDS:.0f} s: {', '.join(waiting)}. The logs are in {logs}.")
        if waiting and told_to_stop.wait(0.2):
            return False
    return True


def _mend(processes: Sequence[Process], say: Say) -> None:
    for process in processes:
        status = process.exit_status
        if status is None:
            continue
        say(f"The {process.name} ended with status {status}. The end of its log:\n{process.tail()}")
        if not process.may_restart(time.monotonic()):
            raise CommandError(f"The {process.name} ends again and again; giving up. Its log: {process.log}")
        say(f"Starting the {process.name} again.")
        process.start()
