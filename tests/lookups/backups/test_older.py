"""A backup of an older version is restored as it was then, and brought up to date in the same transaction."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.stack import ROOT

OLDER = "0002"  # of lookups, long before refreshes
BUSINESS = """INSERT INTO businesses_business (name, graph_id, read_names, refresh_days, created_at)
VALUES ('Of old', '1', 0, 30, '2026-11-23 12:00:00')"""


def manage(folder: Path, name: str, *arguments: str) -> str:
    environment = {**os.environ, "IDLINK_VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / name}"}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.timeout(180)
def test_an_older_backup_comes_back_and_is_brought_up_to_date(tmp_path):
    manage(tmp_path, "old", "migrate", "--verbosity=0", "lookups", OLDER)
    with closing(sqlite3.connect(tmp_path / "old")) as old:
        columns = {name for _, name, *_ in old.execute("PRAGMA table_info(businesses_business)")}
        old.execute(BUSINESS)
        old.commit()
    assert "refreshes" not in columns
    manage(tmp_path, "old", "backup", str(tmp_path / "a.backup"))

    manage(tmp_path, "new", "restore", str(tmp_path / "a.backup"))

    with closing(sqlite3.connect(tmp_path / "new")) as new:
        assert new.execute("SELECT name, refreshes FROM businesses_business").fetchall() == [("Of old", 1)]
        triggers = new.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'one_business_%'").fetchone()
        latest = new.execute(
            "SELECT 1 FROM django_migrations WHERE app = 'lookups' AND name = '0010_refresh'"
        ).fetchall()
    assert triggers[0] > 10
    assert latest == [(1,)]
