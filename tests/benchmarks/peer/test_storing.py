"""Both ways to store keep what is seen again once, with its first and last sight, and merge persons."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import environ
import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from lookups.graph.edges import Edge
from tests.benchmarks.databases import connected
from tests.benchmarks.peer.models import TABLES, make_tables
from tests.benchmarks.peer.orm import OrmStore
from tests.benchmarks.peer.reading import stored_by_peer
from tests.benchmarks.peer.storing import Told
from tests.benchmarks.peer.values import ValuesStore

pytestmark = pytest.mark.django_db(transaction=True)
A, B, C = ("100", "1"), ("200", "2"), ("100", "3")
EARLY = datetime(2026, 11, 1, tzinfo=UTC)
LATE = EARLY + timedelta(days=1)
APPS, PAGES = Edge


@pytest.fixture
def orm():
    """The ORM's store on the tests' own database, and a cursor there."""
    make_tables(connection)
    with connection.cursor() as cursor:
        yield OrmStore(), cursor
    with connection.schema_editor() as editor:
        for model in reversed(TABLES):
            editor.delete_model(model)


@pytest.fixture
def values(postgres, django_db_blocker):
    """The store of statements on a database of its own, and a cursor there."""
    url = postgres.new_database()
    with django_db_blocker.unblock():
        making = ConnectionHandler({"default": environ.Env.db_url_config(url)})["default"]
        make_tables(making)
        making.close()
    with closing(connected(url)) as direct, closing(connected(url)) as other:
        yield ValuesStore(direct), other.cursor()


@pytest.fixture(params=["orm", "values"])
def store(request):
    """Each of both, with a cursor that reads what it has stored."""
    return request.getfixturevalue(request.param)


def told(asked, *others):
    """An answer about an ID: A and C are an app's, B is a Page's."""
    rows = {APPS: [], PAGES: []}
    for scope, value in (asked, *others):
        edge, kind = (APPS, "app") if scope == "100" else (PAGES, "page")
        rows[edge].append({"id": value, kind: {"id": scope}})
    return Told(asked, {edge: {"data": data} for edge, data in rows.items()}, frozenset({asked, *others}))


def test_what_is_seen_again_is_kept_once(store):
    way, cursor = store

    way.store([told(A, B)], EARLY)
    way.store([told(A, B)], LATE)

    stored = stored_by_peer(cursor)
    assert stored.people == [{A, B}]
    assert stored.links == [(A, B)]
    assert stored.answers == [(A, {A, B})] * 2
    cursor.execute("SELECT count(*) FROM peer_link WHERE first_seen < last_seen")
    assert cursor.fetchone() == (1,)
    cursor.execute("SELECT count(*) FROM peer_scopedid WHERE first_seen < last_seen")
    assert cursor.fetchone() == (2,)


def test_persons_that_turn_out_to_be_one_are_merged(store):
    way, cursor = store
    way.store([told(A), told(C)], EARLY)
    assert sorted(stored_by_peer(cursor).people, key=sorted) == [{A}, {C}]

    way.store([told(B, A, C)], LATE)

    assert stored_by_peer(cursor).people == [{A, B, C}]
    cursor.execute("SELECT count(*) FROM peer_person")
    assert cursor.fetchone() == (1,)
