"""No session waits for ever: those of people and lookups have short limits, long work has its own."""

import pytest
from django.core.management import call_command
from django.db import connection

from idlink.database import Limits, limit
from lookups.admin.downloading import download
from lookups.lists.exports import as_csv
from lookups.models.long_work import NAME, take_long, taking_long

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHORT = ("30s", "1min", "20s", "idlink")
LONG = ("10min", "6h", "10min", NAME)


def limits(database=connection) -> tuple[str, ...]:
    """What the session's limits are; SQLite's has just one, for which all is short."""
    if database.vendor == "sqlite":
        return SHORT
    with database.cursor() as cursor:
        told = []
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name"):
            cursor.execute(f"SHOW {name}")
            told += cursor.fetchone()
        return tuple(told)


@pytest.fixture
def long() -> tuple[str, ...]:
    return LONG if connection.vendor == "postgresql" else SHORT


@pytest.fixture(autouse=True)
def _as_it_began(db):
    """Whoever has migrated, as the tests' beginning has, takes long until his session ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("RESET ALL")


def test_a_session_has_short_limits_and_takes_long_only_where_it_must(long):
    assert limits() == SHORT

    with taking_long():
        assert limits() == long

    assert limits() == SHORT


def test_a_download_takes_long_and_leaves_the_session_as_it_was(long):
    found = []

    def rows():
        yield ["limits"]
        found.append(limits())

    answer = download(rows, "x", "csv")

    assert b"".join(answer.streaming_content) == b"".join(as_csv([["limits"]]))
    assert (found, limits()) == ([long], SHORT)


@pytest.mark.parametrize("command", ["check_invariants", "migrate"])
def test_commands_that_read_or_change_everything_take_long(long, command, capsys):
    call_command(command, *(["--verbosity", "0"] if command == "migrate" else []))

    assert limits() == long


def test_a_copy_of_the_session_for_a_backup_takes_long(long):
    own = connection.copy()
    if connection.vendor == "postgresql":
        take_long(own)
        assert limits(own) == long
        own.close()


@pytest.mark.parametrize("engine", ["postgresql", "sqlite3"])
def test_what_the_address_of_the_database_asks_for_is_kept(engine):
    database = {"ENGINE": f"django.db.backends.{engine}", "OPTIONS": {"sslmode": "require", "options": "-c a=b"}}

    limit(database, Limits(lock=3, statement=5, idle=7), keepalive=11)

    options = database["OPTIONS"]
    assert options["sslmode"] == "require"
    if engine == "sqlite3":
        assert options["timeout"] == 3
        return
    assert options["options"].startswith("-c a=b -c lock_timeout=3s -c statement_timeout=5s ")
    assert "idle_in_transaction_session_timeout=7s" in options["options"]
    assert (options["keepalives_idle"], options["tcp_user_timeout"]) == (11, 33_000)
