"""Runs an installation on one machine: its processes together, until it is told to stop."""

import fcntl
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from lookups.management.processes import Process, stop_all
from lookups.models import Heartbeat

READY_SECONDS = 60.0
Say = Callable[[str], object]


def prepare(say: Say) -> Path:
    """Make folders, database and static files ready; gives the folder for logs."""
    os.umask(0o077)  # database, logs and messages are nobody else's business on this machine
    var = Path(settings.VAR_DIR)
    for name in ("logs", "broker/queue", "broker/control", "static"):
        (var / name).mkdir(parents=True, exist_ok=True)
    say("Preparing the database and static files …")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    return var / "logs"


@contextmanager
def alone(var: Path) -> Any:
    """Hold the folder's lock; raises CommandError if another run has it."""
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


def free_port(wanted: int, host: str, say: Say) -> int:
    """Give the port, or the next free one, and say so."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((host, port)) == 0:
                continue
            try:
                probe.bind((host, port))
            except OSError:
                continue
        if port != wanted:
            say(f"Port {wanted} is taken: using {port}.")
        return port
    raise CommandError(f"No free port from {wanted} on.")


def our_processes(logs: Path, host: str, port: int, environment: dict[str, str]) -> list[Process]:
    """Give the worker, the scheduler and the web server, not yet started."""
    celery = [sys.executable, "-m", "celery", "-A", "idlink"]
    worker = [*celery, "worker", "-Q", "staff,bulk", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    web = [sys.executable, "-m", "gunicorn", "idlink.wsgi", "--bind", f"{host}:{port}"]
    web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
    commands = {"worker": worker, "beat": [*celery, "beat"], "web": web}
    return [Process(name, command, logs / f"{name}.log", environment) for name, command in commands.items()]


def run(processes: Sequence[Process], checks: dict[str, Callable[[], bool]], say: Say, ready: Say) -> None:
    """Start all, wait until every check holds, call `ready`, then watch until SIGINT or SIGTERM comes."""
    told_to_stop = threading.Event()
    # Only a flag is set: an exception raised in a handler may be lost wherever it happens to strike.
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
    """Tell whether an address answers over HTTP, whatever its status."""
    return answers(f"http://{host}:{port}/health/", any_status=True)


def answers(url: str, *, any_status: bool = False) -> bool:
    """Tell whether a URL of our own answers well."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  (our own processes)
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return any_status
    except OSError:
        return False


def seen_since(name: str, start: datetime) -> bool:
    """Tell whether a background process has shown a sign of life since `start`."""
    return Heartbeat.objects.filter(name=name, at__gte=start).exists()


def background_checks(start: datetime) -> dict[str, Callable[[], bool]]:
    """The checks of worker and scheduler."""
    return {"worker": lambda: seen_since("worker", start), "beat": lambda: seen_since("beat", start)}


def _wait(
    processes: Sequence[Process], checks: dict[str, Callable[[], bool]], say: Say, told_to_stop: threading.Event
) -> bool:
    """Wait until every check holds; false if told to stop before."""
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
