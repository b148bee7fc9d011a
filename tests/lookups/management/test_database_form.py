"""A database whose tables were made by migrations of before is refused; the demo puts it aside and begins anew."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.db.utils import ConnectionHandler

from lookups.backups.form import migrations_here
from lookups.management import database_form
from tests.lookups.backups.test_form import of_before

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path) -> Iterator[Path]:
    """An SQLite file in place of the tests' own database."""
    told = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "idlink.sqlite3"}
    before, connections["default"] = connections["default"], ConnectionHandler({"default": told})["default"]
    yield tmp_path / "idlink.sqlite3"
    connections["default"].close()
    connections["default"] = before


def fill(path: Path, migrations) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT, applied TEXT)")
        database.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2026-11-20 12:00')", migrations
        )
        database.commit()


def test_one_of_before_is_refused_with_what_to_do(path):
    fill(path, of_before())

    with pytest.raises(CommandError, match="Go on with the version that made them, or name an empty database"):
        database_form.refuse_another_form()


def test_migrate_refuses_it_too_and_changes_nothing(path):
    fill(path, of_before())
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TRIGGER one_business_x BEFORE INSERT ON django_migrations BEGIN SELECT 1; END")
        database.commit()

    with pytest.raises(CommandError, match="name an empty database"):
        call_command("migrate", verbosity=0)

    with closing(sqlite3.connect(path)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert names == {"django_migrations", "one_business_x"}


def test_an_empty_one_and_one_of_today_are_taken(path):
    database_form.refuse_another_form()
    fill(path, migrations_here().disk_migrations)

    database_form.refuse_another_form()


def test_the_demo_begins_anew_and_keeps_what_was_there(path):
    fill(path, of_before())
    said: list[str] = []

    database_form.put_another_form_aside(said.append)

    assert not path.exists()
    aside = path.with_name("idlink.sqlite3.other-form")
    with closing(sqlite3.connect(aside)) as kept:
        assert kept.execute("SELECT count(*) FROM django_migrations").fetchone() == (len(of_before()),)
    assert str(aside) in said[0]
    database_form.refuse_another_form()


def test_the_demo_leaves_one_of_today_where_it_is(path):
    fill(path, migrations_here().disk_migrations)

    database_form.put_another_form_aside(pytest.fail)

    assert path.exists()
