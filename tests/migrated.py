"""Databases with all tables and nothing in them: to migrate takes seconds, so each kind is migrated once in a run."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).resolve().parent.parent


def migrate(url: str) -> None:
    """Make the tables in an empty database."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)


def copy_of_sqlite(to: Path) -> None:
    """Put a migrated SQLite database there."""
    shutil.copyfile(_original(), to)


def fill_memory(connection: BaseDatabaseWrapper, **told: object) -> None:
    """Fill a database in memory that was just made: a receiver of Django's `connection_created`."""
    in_memory = connection.vendor == "sqlite" and connection.creation.is_in_memory_db(connection.settings_dict["NAME"])
    if in_memory and not _tables_of(connection.connection):
        with closing(sqlite3.connect(_original())) as original:
            original.backup(connection.connection)


def _tables_of(connection: sqlite3.Connection) -> list[object]:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Give a file or folder that all processes of a run share: who comes first makes it."""
    shared = Path(os.environ["TESTS_SHARED_DIR"])
    made = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = shared / f"{name}.unfinished"
            make(unfinished)
            unfinished.rename(made)
    return made


def _original() -> Path:
    return made_once("migrated.sqlite3", lambda path: migrate(f"sqlite:///{path}"))
