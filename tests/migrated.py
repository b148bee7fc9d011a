"""Databases with all tables and nothing in them: to migrate takes seconds, so each kind is migrated once in a run."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def migrate(url: str) -> None:
    """Make the tables in an empty database."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True)


def copy_of_sqlite(to: Path) -> None:
    """Put a migrated SQLite database there; all processes of a run share the one that is copied."""
    shared = Path(os.environ["TESTS_SHARED_DIR"])
    original = shared / "migrated.sqlite3"
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not original.exists():
            unfinished = original.with_suffix(".unfinished")
            migrate(f"sqlite:///{unfinished}")
            unfinished.rename(original)
    shutil.copyfile(original, to)
