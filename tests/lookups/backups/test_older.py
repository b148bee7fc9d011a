"""A backup of an older version is restored as it was then, and brought up to date in the same transaction."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.stack import ROOT

BUSINESS = """INSERT INTO businesses_business (name, graph_id, read_names, refresh_days, refreshes, created_at)
VALUES ('Of old', '1', 0, 30, 1, '2026-11-23 12:00:00')"""


def manage(folder: Path, name: str, *arguments: str) -> str:
    environment = {**os.environ, "IDLINK_VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / name}"}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def state_of(database: sqlite3.Connection) -> tuple[set[str], set[str]]:
    """The tables there are, and the migrations of Django's own users."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    applied = {name for (name,) in database.execute("SELECT name FROM django_migrations WHERE app = 'auth'")}
    return tables, applied


@pytest.mark.long
@pytest.mark.timeout(180)
def test_an_older_backup_comes_back_and_is_brought_up_to_date(tmp_path):
    """It is older in what the libraries store: users of an early form, and no table yet for log-ins or schedules."""
    manage(tmp_path, "old", "migrate", "--verbosity=0", "lookups")
    with closing(sqlite3.connect(tmp_path / "old")) as old:
        old.execute(BUSINESS)
        old.commit()
        tables, applied = state_of(old)
    assert "axes_accessattempt" not in tables
    assert applied == {"0001_initial"}
    manage(tmp_path, "old", "backup", str(tmp_path / "a.backup"))

    manage(tmp_path, "new", "restore", str(tmp_path / "a.backup"))

    with closing(sqlite3.connect(tmp_path / "new")) as new:
        assert new.execute("SELECT name, refreshes FROM businesses_business").fetchall() == [("Of old", 1)]
        triggers = new.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'one_business_%'").fetchone()
        tables, applied = state_of(new)
    assert triggers[0] > 10
    assert "axes_accessattempt" in tables
    assert len(applied) > 10
