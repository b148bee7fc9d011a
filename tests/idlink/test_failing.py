"""An error that no page has foreseen: a full disk is named, anything else stays Django's plain page."""

import errno
import sqlite3

import psycopg2.errors
import pytest
from django.db import DatabaseError, connection

from businesses.models import Business, Role
from lookups.models import Run
from lookups.models.full_disk import is_full_disk
from tests.makers import make_business
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser():
    client = member(make_business(), Role.ADMIN)
    client.raise_request_exception = False
    return client


def failing(monkeypatch, error: Exception) -> None:
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("lookups.admin.lists.run.RunAdmin.changelist_view", fail)


def test_a_full_disk_is_named_with_what_to_do(browser, monkeypatch):
    failing(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))

    response = browser.get("/admin/lookups/run/")

    assert response.status_code == 507
    assert "disk is full: nothing was stored. Ask whoever runs idlink" in text_of(response)


def test_another_error_is_no_full_disk(browser, monkeypatch):
    failing(monkeypatch, OSError(errno.EIO, "Input/output error"))

    response = browser.get("/admin/lookups/run/")

    assert response.status_code == 500
    assert "disk" not in text_of(response)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite can be told how large it may grow")
def test_a_database_without_room_is_recognised_and_nothing_is_half_stored():
    with connection.cursor() as cursor:
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            with pytest.raises(DatabaseError) as full:
                Business.objects.bulk_create(Business(name=f"B{n}" * 50, graph_id=str(n)) for n in range(5000))
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")

    assert is_full_disk(full.value)
    assert Business.objects.count() == Run.objects.count() == 0


def test_postgresql_s_own_words_are_known_too():
    error = DatabaseError("could not extend file")
    error.__cause__ = _of_postgresql("53100")

    assert is_full_disk(error)
    assert not is_full_disk(DatabaseError("no such table"))
    assert not is_full_disk(sqlite3.OperationalError("database is locked"))


def _of_postgresql(code: str) -> Exception:
    error = psycopg2.errors.DiskFull("could not extend file")
    error.__setstate__({"pgcode": code})
    return error
