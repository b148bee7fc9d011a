"""A database that is away is one warning of a process, however many tasks meet it; other errors stay errors."""

import psycopg2
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection

from idlink.beat import AWAY_SECONDS, Scheduler
from idlink.celery import app
from idlink.outages import OutageTask, database_is_away, is_outage, outage

AWAY = OperationalError("could not connect")
AWAY.__cause__ = psycopg2.OperationalError("could not connect to server: a long story with a host name")
GONE = DatabaseError("server closed the connection unexpectedly")
GONE.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly: with a host name")
LOCKED = OperationalError("database is locked")


@app.task(name="tests.meets")
def meets(error: Exception | None) -> str:
    """A task that meets this error, if any."""
    if error:
        raise error
    return "done"


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    monkeypatch.setattr(outage, "lasts", False)


def test_an_outage_is_told_once_until_the_database_was_there_again(caplog):
    told = []
    for error in (AWAY, GONE, InterfaceError("connection already closed"), None, GONE):
        meets(error)
        told.append(caplog.text.count("The database does not answer"))

    assert told == [1, 1, 1, 1, 2]
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert "host name" not in caplog.text


def test_an_error_of_a_statement_stays_an_error():
    unadapted = ProgrammingError("can't adapt type")
    unadapted.__cause__ = psycopg2.ProgrammingError("can't adapt type")  # raised before the database is asked: no code
    for error in (LOCKED, unadapted, DatabaseError("Save with update_fields did not affect any rows.")):
        with pytest.raises(type(error)):
            meets(error)
        assert not is_outage(error)


def test_beat_sends_nothing_and_tells_it_once_while_the_database_is_away(monkeypatch, caplog):
    def refuse() -> None:
        raise AWAY

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    scheduler = Scheduler(app=app, lazy=True)

    assert [scheduler.tick() for _ in range(3)] == [AWAY_SECONDS] * 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.django_db
def test_a_database_that_answers_is_not_away():
    assert not database_is_away()


def test_all_our_tasks_behave_so():
    app.loader.import_default_modules()

    ours = [task for name, task in app.tasks.items() if name.startswith("lookups.")]
    assert len(ours) > 10
    assert all(isinstance(task, OutageTask) for task in ours)
