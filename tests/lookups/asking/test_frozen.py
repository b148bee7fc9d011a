"""A process that stops inside a transaction holds up nobody for long, even where PostgreSQL looks at no limit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection

from lookups.asking import frozen
from lookups.models.long_work import NAME
from tests.stack import wait_for

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Stopped:
    """Rows for a COPY that do not come until somebody lets them."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def read(self, size: int = 0) -> str:
        self.go_on.wait(60)
        return ""


@contextmanager
def copying(application: str) -> Iterator[list[Exception]]:
    """A session that waits for rows in the middle of a COPY, inside a transaction; gives the errors it has met."""
    rows, errors = Stopped(), []
    given = connection.get_connection_params()
    known = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    session = psycopg2.connect(**known, application_name=application)

    def copy() -> None:
        try:
            session.cursor().copy_expert("COPY lookups_heartbeat FROM STDIN", rows)
        except psycopg2.Error as error:
            errors.append(error)

    thread = threading.Thread(target=copy)
    thread.start()
    with psycopg2.connect(**known) as observer:
        observer.autocommit = True

        def is_waiting() -> bool:
            cursor = observer.cursor()
            cursor.execute("SELECT wait_event FROM pg_stat_activity WHERE query LIKE 'COPY%%' AND pid = %s", [pid])
            return cursor.fetchall() == [("ClientRead",)]

        pid = session.info.backend_pid
        wait_for(is_waiting, "the COPY")
    observer.close()
    yield errors
    rows.go_on.set()
    thread.join()
    session.close()


@pytest.mark.parametrize(
    ("application", "seconds", "is_ended"), [("idlink", 0, True), ("idlink", 30, False), (NAME, 0, False)]
)
def test_a_copy_whose_process_has_stopped_is_ended_unless_it_must_take_long(
    monkeypatch, application, seconds, is_ended
):
    monkeypatch.setattr(frozen, "STOPPED_SECONDS", seconds)
    if connection.vendor == "sqlite":
        assert frozen.end_frozen_sessions() == 0
        return
    with copying(application) as errors:
        ended = frozen.end_frozen_sessions()

    assert (ended, bool(errors)) == (int(is_ended), is_ended)
