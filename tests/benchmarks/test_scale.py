"""The store of `make bench-scale` keeps the rules of a real one, every page of it opens, and what fails is told."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.benchmarks.databases import connected
from tests.benchmarks.scale import measured
from tests.benchmarks.scale_estate import ADMIN, LARGEST_NAME, STAFF, SUPERUSER
from tests.benchmarks.scale_names import ONLY_ONE
from tests.benchmarks.scale_table import Opened, Store, scale_table
from tests.benchmarks.scale_visits import Page, browser, open_page
from tests.makers import make_user

pytestmark = pytest.mark.timeout(900)
IDS = 4000
QUICK = Opened(server_ms=20, wall_ms=30, statements=9, kilobytes=50)


@pytest.fixture(scope="module")
def filled(postgres):
    """The URL of a filled database, and what its pages took."""
    database = postgres.migrated_database()
    return database, measured(database, IDS, "--once")


@pytest.mark.long
def test_a_filled_store_breaks_no_rule(filled):
    command = [sys.executable, "manage.py", "check_invariants"]

    done = subprocess.run(command, env={**os.environ, "DATABASE_URL": filled[0]}, capture_output=True, text=True)

    assert [line for line in done.stdout.splitlines() if not line.endswith(": 0")] == []
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_the_evidence_of_a_filled_store_makes_its_persons(filled):
    command = [sys.executable, "manage.py", "rebuild_people", "--check", "--business", LARGEST_NAME]

    done = subprocess.run(command, env={**os.environ, "DATABASE_URL": filled[0]}, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_a_filled_store_has_the_shape_of_a_real_one(filled):
    with connected(filled[0]) as connection, connection.cursor() as cursor:
        assert IDS - 300 < _one(cursor, "SELECT count(*) FROM lookups_scopedid") <= IDS
        largest = "SELECT count(*) FROM lookups_scopedid WHERE business_id = (SELECT min(business_id) FROM lookups_run)"
        assert 0.55 * IDS < _one(cursor, largest) < 0.75 * IDS
        by_person = (
            "SELECT array_agg(n ORDER BY n DESC) FROM (SELECT count(*) n FROM lookups_scopedid GROUP BY person_id) s"
        )
        sizes = _one(cursor, by_person)
        assert sizes[:2] == [300, 40]
        assert set(sizes[2:]) == {2, 3, 4, 5}
        assert _one(cursor, f"SELECT count(*) FROM lookups_profile WHERE name = '{ONLY_ONE}'") == 1
        events = "SELECT array_agg(DISTINCT kind::text ORDER BY kind::text) FROM lookups_matchevent"
        assert _one(cursor, events) == ["back", "missing", "withdrawn"]
        assert (
            _one(cursor, "SELECT count(*) FROM lookups_conflict WHERE ended_at IS NULL AND settled_by_id IS NULL") > 0
        )


@pytest.mark.long
def test_indexes_and_triggers_are_those_of_an_installation(filled, postgres):
    # A condition that is made anew has other casts and brackets, for the same meaning.
    bare = r"regexp_replace(indexdef, '::[a-z ]+(\[\])?|[()]', '', 'g')"
    indexes = f"SELECT array_agg({bare} ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'"
    active = "SELECT array_agg(tgname::text ORDER BY tgname) FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"
    told = []
    for database in (filled[0], postgres.migrated_database()):
        with connected(database) as connection, connection.cursor() as cursor:
            told.append((_one(cursor, indexes), _one(cursor, active)))

    assert told[0] == told[1]


@pytest.mark.long
def test_every_page_of_a_filled_store_opens(filled):
    store = filled[1]

    assert store.failures == []
    assert {frozenset(by_role) for by_role in store.opened.values()} == {frozenset({SUPERUSER, ADMIN, STAFF})}
    assert len(store.opened) > 60


@pytest.mark.django_db
def test_a_page_that_fails_is_told():
    opened = open_page_of_nobody()

    assert opened.failure == "status 404"


def test_the_slowest_role_is_told_and_a_failure_before_all():
    small, large = Store(10, 3, 3000, 1.0), Store(100, 30, 30_000, 1.0)
    small.add("People", "admin", **QUICK.told())
    large.add("People", "admin", **replace(QUICK, server_ms=30).told())
    large.add("People", "staff", **replace(QUICK, server_ms=50).told())
    large.add("Lookups", "admin", **replace(QUICK, failure="status 503").told())
    large.add("Lookups", "staff", **replace(QUICK, server_ms=90).told())

    text = scale_table([small, large])

    people, lookups = [line for line in text.splitlines() if line.startswith(("| People", "| Lookups"))]
    assert [cell.strip() for cell in people.split("|")[2:6]] == ["staff", "20 ms", "50 ms", "2.5x, +30 ms"]
    assert "status 503" in lookups
    assert "Failed: admin: Lookups: status 503" in text


def open_page_of_nobody() -> Opened:
    """Open the page of a person who is not there."""
    make_user("somebody", superuser=True)
    return open_page(browser(User.objects.get()), Page("Nobody", "/admin/lookups/person/ABCDEFGHJKMN/page/"))


def _one(cursor, query):
    cursor.execute(query)
    return cursor.fetchone()[0]
