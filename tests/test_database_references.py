"""References stay whole: nothing that others refer to is deleted, in raw SQL and from several sessions at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import IntegrityError, connection, models, transaction

from lookups.management.references import references
from lookups.models import Person
from tests.makers import NOW
from tests.postgres import PostgresServer
from tests.stack import wait_for
from tests.test_database_isolation import REFERENCES, Rows, each_reference, run_sql

server = pytest.mark.server  # SQLite's foreign keys do the same


@pytest.fixture
def ours(db: None) -> Rows:
    return Rows()


def remove(row: models.Model) -> None:
    run_sql(f"DELETE FROM {row._meta.db_table} WHERE id = %s", row.pk)


def is_refused(what: Callable[[], object]) -> bool:
    """Whether the database refuses it, by the end of the transaction at the latest."""
    try:
        with transaction.atomic():
            what()
            connection.check_constraints()
    except IntegrityError:
        return True
    return False


@server
@each_reference
def test_a_row_that_another_refers_to_can_not_be_deleted(ours, model, field):
    row = ours.make(model, field.name)

    assert is_refused(lambda: remove(getattr(row, field.name)))


@server
@each_reference
def test_both_can_be_deleted_in_any_order(ours, model, field):
    row = ours.make(model, field.name)
    target = getattr(row, field.name)

    remove(target)
    remove(row)

    connection.check_constraints()
    assert not type(target).objects.filter(pk=target.pk).exists()


@server
def test_a_business_that_rows_belong_to_can_not_be_deleted(ours):
    ours.make(Person)

    assert is_refused(lambda: remove(ours.business))


@server
def test_a_row_of_a_business_that_is_not_stored_is_refused(ours):
    stray = Person(business_id=10**9, public_id="x", created_at=NOW)

    assert is_refused(lambda: Person.objects.bulk_create([stray]))


@pytest.mark.database
def test_one_sort_of_guard_keeps_each_reference(db):
    """Triggers on PostgreSQL, where foreign keys would check the same at the price of half the server's time."""
    with connection.cursor() as cursor:
        kept = {
            (model._meta.db_table, field.column)
            for model, field in REFERENCES
            if connection.introspection.get_relations(cursor, model._meta.db_table).get(field.column)
        }

    assert len(kept) == (0 if connection.vendor == "postgresql" else len(REFERENCES))


@pytest.fixture
def sessions(postgres: PostgresServer) -> Iterator[Callable[[], Any]]:
    """Opens sessions of one migrated database on PostgreSQL, which has a person of a business."""
    socket, _, name = urlsplit(postgres.migrated_database()).path.removeprefix("/").rpartition("/")
    with ExitStack() as opened:

        def open_one() -> Any:
            return opened.enter_context(closing(psycopg2.connect(host=socket, user="postgres", dbname=name)))

        first = open_one()
        first.cursor().execute(
            "INSERT INTO businesses_business (id, name, graph_id, read_names, refresh_days, refreshes, created_at) "
            "VALUES (1, 'Acme', '1', false, 30, true, now());"
            "INSERT INTO lookups_person (id, business_id, public_id, created_at) "
            "VALUES (1, 1, 'a', now()), (2, 1, 'b', now());"
            "INSERT INTO lookups_personevent (id, business_id, kind, person_id, at) VALUES (1, 1, 'split', 2, now())"
        )
        first.commit()
        yield open_one


DELETE = "DELETE FROM lookups_person WHERE id = 1"
REFER = "INSERT INTO lookups_personevent (id, business_id, kind, person_id, at) VALUES (2, 1, 'split', 1, now())"
TURN = "UPDATE lookups_personevent SET person_id = 1 WHERE id = 1"
LEFT = "SELECT count(*) FROM lookups_personevent WHERE person_id NOT IN (SELECT id FROM lookups_person)"


def run_behind(session: Any, statement: str, watcher: Any) -> Future[None]:
    """Run a statement and end its transaction in a thread; returns when it waits for another session's lock."""

    def run() -> None:
        with session, session.cursor() as cursor:
            cursor.execute(statement)

    pool = ThreadPoolExecutor(1)
    future = pool.submit(run)
    pool.shutdown(wait=False)
    pid = session.info.backend_pid
    waits = f"SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = {pid}"
    wait_for(lambda: told(watcher, waits) is True or future.done(), "the other session to wait", seconds=20)
    assert not future.done(), "it waited for nobody"
    return future


def told(session: Any, query: str) -> Any:
    """Give the one value of a query, in a transaction of its own."""
    with session, session.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@server
@pytest.mark.parametrize("referring", [REFER, TURN], ids=["insert", "update"])
def test_who_deletes_waits_for_who_has_just_referred_to_it(sessions, referring):
    first, second, watcher = sessions(), sessions(), sessions()
    first.cursor().execute(referring)

    deleting = run_behind(second, DELETE, watcher)
    first.commit()

    with pytest.raises(psycopg2.errors.ForeignKeyViolation, match="others refer to it"):
        deleting.result(20)
    assert told(watcher, LEFT) == 0


@server
@pytest.mark.parametrize("referring", [REFER, TURN], ids=["insert", "update"])
def test_who_refers_waits_for_who_has_just_deleted(sessions, referring):
    first, second, watcher = sessions(), sessions(), sessions()
    first.cursor().execute(f"{DELETE}; SET CONSTRAINTS ALL IMMEDIATE")  # takes the locks of the transaction's end

    waiting = run_behind(second, referring, watcher)
    first.commit()

    with pytest.raises(psycopg2.errors.CheckViolation, match="another business"):
        waiting.result(20)
    assert told(watcher, LEFT) == 0


@server
@each_reference
def test_the_check_of_invariants_finds_a_reference_to_no_row(ours, model, field):
    row = ours.make(model, field.name)
    name = f"{model._meta.verbose_name_plural} whose {field.verbose_name} is not stored"
    assert not references()[name].exists()

    with connection.constraint_checks_disabled(), unguarded(field.related_model):
        remove(getattr(row, field.name))

    assert [one.pk for one in references()[name]] == [row.pk]
    remove(row)


@contextmanager
def unguarded(model: type[models.Model]) -> Iterator[None]:
    """Switch PostgreSQL's triggers of a table off: nothing but a fault could leave such a reference behind."""
    connection.check_constraints()  # no table is altered while checks are pending
    run_sql(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
    yield
    connection.check_constraints()
    run_sql(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
