"""A worker on the broker of files goes on whichever processes of its pool are killed."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kombu import Connection

from idlink.celery import app
from lookups.management.lanes import worker_command
from lookups.models import Lane
from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, wait_for

FOLDERS = {"data_folder_in": "broker/queue", "data_folder_out": "broker/queue", "control_folder": "broker/control"}


@contextmanager
def worker(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Staff's worker with a database in this folder, at work."""
    copy_of_sqlite(folder / "idlink.sqlite3")
    for name in FOLDERS.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings = {"IDLINK_VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/idlink.sqlite3"}
    settings |= {"CELERY_BROKER_URL": "filesystem://", "IDLINK_SWEEP_SECONDS": "1"}
    process = subprocess.Popen(
        worker_command(Lane.STAFF), cwd=ROOT, env={**os.environ, **settings}, start_new_session=True
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def last_seen(folder: Path) -> str:
    """When a task of this worker last ran."""
    with closing(sqlite3.connect(folder / "idlink.sqlite3", timeout=30)) as session:
        rows = session.execute("SELECT at FROM lookups_heartbeat WHERE name = 'staff'").fetchall()
    return rows[0][0] if rows else ""


def wake(folder: Path) -> None:
    options = {name: str(folder / place) for name, place in FOLDERS.items()}
    with Connection("filesystem://", transport_options=options) as broker:
        app.send_task("lookups.resolve_waiting", kwargs={"lane": Lane.STAFF}, queue=Lane.STAFF, connection=broker)


def kill_pool(process: "subprocess.Popen[bytes]") -> list[int]:
    pool = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in pool:
        os.kill(int(child), signal.SIGKILL)
    return [int(child) for child in pool]


def works(folder: Path) -> None:
    """Send a message and wait until its task has shown a sign of life; fails if it does not."""
    seen = last_seen(folder)
    time.sleep(1)  # a sign of life so soon after another is left out
    wake(folder)
    wait_for(lambda: last_seen(folder) > seen, "the task")


def test_a_worker_whose_waiting_processes_were_killed_takes_the_next_message(tmp_path):
    with worker(tmp_path) as process:
        wait_for(lambda: bool(last_seen(tmp_path)), "the worker", seconds=40)
        works(tmp_path)

        assert len(kill_pool(process)) == 2

        works(tmp_path)
