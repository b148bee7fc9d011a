"""An error that no page has foreseen: a full disk is named, anything else stays Django's plain page."""

import errno
import sqlite3
from contextlib import closing

import psycopg2.errors
import pytest
from django.db import DatabaseError

from businesses.models import Role
from lookups.admin.lists import list_new
from lookups.models.full_disk import is_full_disk
from tests.makers import make_business
from tests.pages import member, text_of

NEW = "/admin/lookups/run/new/"


@pytest.fixture
def browser(db):
    client = member(make_business(), Role.ADMIN)
    client.raise_request_exception = False
    return client


def failing(monkeypatch, error: Exception) -> None:
    def fail(businesses):
        raise error

    monkeypatch.setattr(list_new, "assets_of", fail)


def test_a_full_disk_is_named_with_what_to_do(browser, monkeypatch):
    failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))

    response = browser.get(NEW)

    assert response.status_code == 507
    assert "disk is full: nothing was stored. Ask whoever runs idlink" in text_of(response)


def test_another_error_is_no_full_disk(browser, monkeypatch):
    failing(monkeypatch, OSError(errno.EIO, "Input/output error"))

    response = browser.get(NEW)

    assert response.status_code == 500
    assert "disk" not in text_of(response)


def test_sqlite_without_room_is_recognised_also_behind_django_s_error():
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as full:
            database.execute("INSERT INTO t VALUES (?)", ["x" * 100_000])
        with pytest.raises(sqlite3.OperationalError) as missing:
            database.execute("SELECT * FROM nothing")
    wrapped = DatabaseError("database or disk is full")
    wrapped.__cause__ = full.value

    assert is_full_disk(full.value)
    assert is_full_disk(wrapped)
    assert not is_full_disk(missing.value)


def test_postgresql_without_room_is_recognised():
    error = psycopg2.errors.DiskFull("could not extend file")
    error.__setstate__({"pgcode": "53100"})

    assert is_full_disk(error)
    assert not is_full_disk(psycopg2.errors.UndefinedTable("no such table"))
