"""A database that is busy or away is told in words, soon, and is no error of ours."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import psycopg2
import pytest
from django.db import DatabaseError, OperationalError
from django.test import RequestFactory

from idlink.failing import failed
from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, free_port

POST = """
import django; django.setup()
from django.test import Client
visitor = Client(SERVER_NAME="localhost", raise_request_exception=False)
answer = visitor.post("/admin/login/", {"username": "ana", "password": "correct horse battery"})
print(answer.status_code, answer.headers.get("Retry-After"), answer.content.decode())
"""


def posted(url: str) -> str:
    """What a log-in is answered, in a process of its own with this database."""
    limits = {"IDLINK_LOCK_SECONDS": "1", "IDLINK_STATEMENT_SECONDS": "2"}
    environment = {**os.environ, **limits, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "idlink.settings"}
    command = [sys.executable, "-c", POST]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60).stdout


def test_who_meets_a_writer_of_sqlite_that_does_not_end_is_told_so(tmp_path):
    copy_of_sqlite(tmp_path / "idlink.sqlite3")
    with closing(sqlite3.connect(tmp_path / "idlink.sqlite3", isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("BEGIN IMMEDIATE")

        assert posted(f"sqlite:///{tmp_path}/idlink.sqlite3").startswith("503 10 ")


def test_who_meets_a_lock_of_postgres_that_is_not_let_go_is_told_so(postgres):
    url = postgres.migrated_database()
    socket, _, name = url.partition("@/")[2].rpartition("/")
    with closing(psycopg2.connect(host=f"/{socket}".replace("//", "/"), user="postgres", dbname=name)) as stranger:
        stranger.cursor().execute("LOCK TABLE axes_accessattempt IN ACCESS EXCLUSIVE MODE")

        told = posted(url)

    assert told.startswith("503 10 ")
    assert "idlink is busy" in told


def test_who_meets_no_database_is_told_so():
    assert posted(f"postgres://idlink:x@127.0.0.1:{free_port()}/idlink").startswith("503 10 ")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_part_of_a_page_that_asks_again_and_again_has_the_page_loaded_anew(headers):
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError()
    error.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    try:
        raise error
    except OperationalError:
        answer = failed(RequestFactory().get("/", headers=headers))

    assert answer.status_code == 503
    assert answer.headers.get("HX-Refresh") == headers.get("HX-Request")
    assert b'http-equiv="refresh"' in answer.content


@pytest.mark.parametrize("error", [ValueError(), OperationalError("no such table")])
def test_an_error_of_ours_stays_one(error):
    try:
        raise error
    except (ValueError, OperationalError):
        assert failed(RequestFactory().get("/")).status_code == 500


def test_a_server_that_goes_in_the_middle_of_a_statement_is_away():
    error = DatabaseError("server closed the connection unexpectedly")
    error.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly")  # no subclass, and no code
    try:
        raise error
    except DatabaseError:
        assert failed(RequestFactory().get("/")).status_code == 503
