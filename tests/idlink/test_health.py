"""Health tells apart whether work goes on, whether it is late, and what is missing; and it tells no secret."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from idlink.health import Turns
from lookups.models import BEAT, PARTS, UPKEEP, Heartbeat, Lane
from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, free_port

ASK = "from django.test import Client; r = Client(SERVER_NAME='localhost').get('/health/'); "
LONG_AGO = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def _own_transaction(monkeypatch):
    """The test's own transaction is a writer that does not end; whether there is one is asked in other processes."""
    monkeypatch.setattr("idlink.health.write_lock_is_free", lambda: True)


def seen(**ago: timedelta) -> None:
    """All parts have just been seen, but for those that were seen so long ago."""
    for name in PARTS:
        Heartbeat.objects.create(name=name, at=timezone.now() - ago.get(name, timedelta(0)))


def told() -> tuple[int, dict[str, object]]:
    answer = Client().get("/health/")
    return answer.status_code, answer.json()


def asked_elsewhere(url: str) -> tuple[str, dict[str, object]]:
    """What health says in a process of its own with this database; it must not tell the password."""
    code = f"import django; django.setup(); {ASK}print(r.status_code, r.content.decode())"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "idlink.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert "hush-hush" not in done.stdout + done.stderr
    status, _, body = done.stdout.partition(" ")
    assert body, done.stderr
    return status, json.loads(body)


@pytest.mark.django_db
def test_all_is_well_while_every_part_is_there_and_nobody_has_to_wait():
    assert told()[0] == 503

    seen()

    status, body = told()
    assert (status, body["well"], body["goes_on"], body["late"], body["missing"]) == (200, True, True, {}, [])
    assert {body[name] for name in PARTS} == {True}


@pytest.mark.django_db
@pytest.mark.parametrize("lane", Lane.values)
def test_a_lane_without_a_worker_is_missing_and_nothing_else(lane):
    seen(**{lane: LONG_AGO})

    status, body = told()

    assert (status, body["well"], body["missing"], body[lane]) == (503, False, [lane], False)


@pytest.mark.django_db
@pytest.mark.parametrize(("missing", "behind"), [(BEAT, [UPKEEP, *Lane.values]), (UPKEEP, Lane.values)])
def test_who_is_woken_by_a_missing_part_may_be_silent_for_that_alone(missing, behind):
    seen(**dict.fromkeys([missing, *behind], LONG_AGO))

    status, body = told()

    assert (status, body["missing"], body[missing]) == (503, [missing], False)
    assert [body[name] for name in behind] == [None] * len(behind)
    assert body["goes_on"] is True


@pytest.mark.django_db
def test_a_sign_of_life_in_the_future_is_of_a_clock_that_was_put_back_since():
    seen(bulk=timedelta(minutes=-59))

    assert told()[1]["missing"] == ["bulk"]


@pytest.mark.django_db
def test_work_that_is_late_goes_on_until_it_has_stood_for_a_minute():
    seen()
    Heartbeat.note_due([Lane.STAFF], timezone.now() - timedelta(seconds=30))
    status, body = told()
    assert (status, body["late"], body["goes_on"]) == (200, {"staff": 30}, True)

    Heartbeat.note_asked(Lane.STAFF)
    Heartbeat.note_due([Lane.STAFF], timezone.now() - LONG_AGO)
    assert (told()[1]["late"], told()[1]["goes_on"]) == ({"staff": 120}, False)

    Heartbeat.note_due([], timezone.now())
    assert (told()[1]["late"], told()[1]["goes_on"]) == ({}, True)


@pytest.mark.django_db
def test_each_turn_is_logged_once_however_often_a_monitor_asks(caplog, monkeypatch):
    monkeypatch.setattr("idlink.health.turns", Turns())
    seen(beat=LONG_AGO)
    bad = [told()[0] for _ in range(5)]
    Heartbeat.objects.update(at=timezone.now())
    good = [told()[0] for _ in range(5)]
    monkeypatch.setattr(Heartbeat, "standing", no_database)
    away = [told()[0] for _ in range(5)]

    assert (bad, good, away) == ([503] * 5, [200] * 5, [503] * 5)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "/health/ answers 503 from now on: missing: beat."),
        ("WARNING", "/health/ answers 200 again."),
        ("WARNING", "/health/ answers 503 from now on: the database does not answer."),
    ]


def no_database() -> None:
    raise OperationalError


@pytest.mark.django_db
def test_an_error_in_health_itself_is_logged(caplog, monkeypatch):
    monkeypatch.setattr("idlink.health._parts", lambda *args, **kwargs: {}["no such part"])

    assert Client(raise_request_exception=False).get("/health/").status_code == 500

    assert [record.name for record in caplog.records] == ["django.request"]


def test_health_names_a_database_that_does_not_answer():
    status, body = asked_elsewhere(f"postgres://idlink:hush-hush@127.0.0.1:{free_port()}/idlink")

    assert (status, body["database"], body["goes_on"]) == ("503", False, False)


def test_health_names_a_writer_of_sqlite_who_does_not_end(tmp_path):
    """All parts have fallen silent, since none of them can write; so none is called missing."""
    copy_of_sqlite(tmp_path / "idlink.sqlite3")
    with closing(sqlite3.connect(tmp_path / "idlink.sqlite3", isolation_level=None)) as writer:
        rows = [(name, str(timezone.now() - LONG_AGO)) for name in PARTS]
        writer.execute("PRAGMA journal_mode=WAL")
        writer.executemany("INSERT INTO lookups_heartbeat (name, at) VALUES (?, ?)", rows)
        writer.execute("BEGIN IMMEDIATE")

        status, body = asked_elsewhere(f"sqlite:///{tmp_path}/idlink.sqlite3")

        assert (status, body["busy"], body["goes_on"], body["missing"]) == ("503", True, False, [])
        writer.execute("ROLLBACK")
    status, body = asked_elsewhere(f"sqlite:///{tmp_path}/idlink.sqlite3")
    assert (status, body["busy"], body["missing"]) == ("503", False, ["beat"])
