"""A backup sees one moment: what others commit while it is taken is not in it, and they don't wait for it."""

import io
from collections.abc import Iterator

import environ
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from lookups.backups import snapshot as module

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path, monkeypatch) -> Iterator[BaseDatabaseWrapper]:
    """A database of its own with two tables of one row each, in place of the tests' own, which may be in memory."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'x'}" if is_sqlite else request.getfixturevalue("postgres").new_database()
    told = environ.Env.db_url_config(url)
    if is_sqlite:
        told["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 1, "init_command": "PRAGMA journal_mode=WAL"}
    database = ConnectionHandler({"default": told})["default"]
    monkeypatch.setattr(module, "connection", database)
    with database.cursor() as cursor:
        for table in ("django_migrations", "one", "other"):
            cursor.execute(f"CREATE TABLE {table} (number integer)")
            cursor.execute(f"INSERT INTO {table} VALUES (1)")
    yield database
    database.close()


def test_what_is_committed_meanwhile_is_not_in_it_and_nobody_waits(database):
    lines = io.BytesIO()
    with module.snapshot() as seen:
        assert seen.count("one") == 1
        with database.cursor() as cursor:
            for table in ("one", "other"):
                cursor.execute(f"INSERT INTO {table} VALUES (2)")
            cursor.execute("CREATE TABLE later (number integer)")

        assert seen.tables() == ["one", "other"]
        assert (seen.count("one"), seen.count("other")) == (1, 1)
        assert seen.write("other", seen.columns("other"), lines) == 1

    assert lines.getvalue() == b"1\n"
    with module.snapshot() as seen:
        assert (seen.count("one"), seen.count("other")) == (2, 2)
        assert "later" in seen.tables()
