"""The index of names on PostgreSQL: made at each migration where it is missing, and missed by the checks."""

import pytest
from django.core.management import call_command
from django.db import connection

from lookups.management.name_index import NAME, check_name_index, index_names

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def told() -> list[str]:
    return [str(message.id) for message in check_name_index(databases=["default"])]


@pytest.fixture
def without_index():
    """Whether this database has the index at all; it has it no more."""
    if connection.vendor == "postgresql":
        sql(f"DROP INDEX {NAME}")
    return ["idlink.W001"] if connection.vendor == "postgresql" else []


def test_after_migrating_nothing_is_missed():
    assert told() == []


def test_a_database_without_it_is_told_until_the_next_migration(without_index):
    assert told() == without_index

    call_command("migrate", verbosity=0)

    assert told() == []


def test_where_it_can_not_be_made_all_else_goes_on_and_the_log_says_so(without_index, caplog):
    if connection.vendor == "postgresql":
        sql("CREATE ROLE nobody")
        sql("SET ROLE nobody")

    index_names(using="default")

    assert ("CREATE EXTENSION pg_trgm" in caplog.text) == bool(without_index)
    if connection.vendor == "postgresql":
        sql("RESET ROLE")
    assert told() == without_index
