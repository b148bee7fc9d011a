"""The database itself refuses what joins two businesses, whoever asks: told in raw SQL, below every check in Python."""

import itertools
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from businesses import isolation
from businesses.models import Asset, Business
from lookups.models import Answer, Heartbeat, Match, Person, ScopedID
from tests.guards import guarded, triggers
from tests.makers import NOW, make_business, make_user

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def belongs_to_a_business(model: type[models.Model]) -> bool:
    return any(field.name == "business" for field in model._meta.fields)


OURS = [
    model
    for label in ("businesses", "lookups")
    for model in apps.get_app_config(label).get_models(True)
    if not model._meta.proxy
]
OWNED = [model for model in OURS if belongs_to_a_business(model)]
REFERENCES = [
    (model, field)
    for model in OWNED
    for field in model._meta.fields
    if field.is_relation and belongs_to_a_business(field.related_model)
]
each_reference = pytest.mark.parametrize(
    ("model", "field"), REFERENCES, ids=[f"{model.__name__}.{field.name}" for model, field in REFERENCES]
)
each_table = pytest.mark.parametrize("model", OWNED, ids=[model.__name__ for model in OWNED])


class Rows:
    """Makes rows of one business in any table, of fresh rows only; finds out by trying what the constraints want."""

    _numbers = itertools.count(1)
    _accepted: dict[tuple[type[models.Model], str], tuple[str, ...]] = {}

    def __init__(self) -> None:
        self.business = make_business()

    def make(self, model: type[models.Model], filled: str = "") -> models.Model:
        """A row in which this one nullable reference is filled, and as few others as the database lets pass."""
        extras = self._accepted.get((model, filled))
        for names in [extras] if extras is not None else self._ways(model, filled):
            try:
                with transaction.atomic():
                    (row,) = model.objects.bulk_create([model(**self._values(model, {filled, *names}))])
            except IntegrityError:
                continue
            self._accepted[model, filled] = names
            return row
        raise AssertionError(f"No row of {model.__name__} could be made: teach {type(self).__name__} how.")

    def _ways(self, model: type[models.Model], filled: str) -> Iterator[tuple[str, ...]]:
        """More and more of what may be filled or turned beside: nullable references and switches."""
        names = [field.name for field in model._meta.fields if field.name != filled and self._may_vary(field)]
        return itertools.chain.from_iterable(itertools.combinations(names, size) for size in range(4))

    def _may_vary(self, field: models.Field) -> bool:
        nullable_reference = field.null and field.is_relation and belongs_to_a_business(field.related_model)
        return nullable_reference or isinstance(field, models.BooleanField) or bool(field.choices)

    def _values(self, model: type[models.Model], chosen: set[str]) -> dict[str, object]:
        fields = [field for field in model._meta.fields if not field.primary_key]
        needed = [field for field in fields if not (field.null or field.has_default() or field.blank)]
        varied = [field for field in fields if field.name in chosen]
        return {field.name: self._value(field, field.name in chosen) for field in {*needed, *varied}}

    def _value(self, field: models.Field, chosen: bool) -> object:
        if field.is_relation:
            return self._related(field.related_model)
        if isinstance(field, models.BooleanField):
            return bool(field.get_default()) ^ chosen
        if isinstance(field, models.DateTimeField):
            return NOW
        number = next(self._numbers)
        if field.choices:
            return field.choices[-1 if chosen else 0][0]
        return number if isinstance(field, models.IntegerField) else str(number)

    def _related(self, model: type[models.Model]) -> models.Model:
        if model is Business:
            return self.business
        return self.make(model) if belongs_to_a_business(model) else make_user(f"user-{next(self._numbers)}")


@pytest.fixture
def ours():
    return Rows()


@pytest.fixture
def theirs():
    return Rows()


def run_sql(statement: str, *values: object) -> None:
    """In a savepoint, as raw as Django lets it through."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refusal_of(statement: str, *values: object) -> str:
    """What the database says; PostgreSQL adds where it stood."""
    with pytest.raises(IntegrityError) as refused:
        run_sql(statement, *values)
    said, *where = str(refused.value).splitlines()
    assert all(line.startswith("CONTEXT:  PL/pgSQL function one_business_") for line in where)
    return said


def update(model: type[models.Model], column: str) -> str:
    return f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s"


def insert(model: type[models.Model], column: str) -> str:
    """Put back a row that was `lifted`, under a new key, with another value in one column."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    quoted = [f'"{name}"' for name in columns]  # offset is a word of SQL
    values = ["%s" if name == column else f'"{name}"' for name in columns]
    table = model._meta.db_table
    return f"INSERT INTO {table} ({', '.join(quoted)}) SELECT {', '.join(values)} FROM lifted WHERE id = %s"


def lift(row: models.Model) -> None:
    """Take a row out of its table, where another like it would break what is unique; what refers to it is left."""
    table = row._meta.db_table
    run_sql(f"CREATE TEMPORARY TABLE lifted AS SELECT * FROM {table} WHERE id = {row.pk}")
    run_sql(f"DELETE FROM {table} WHERE id = {row.pk}")


def test_every_foreign_key_is_guarded_but_those_to_the_business_itself_and_to_users():
    keys = [(model, field) for model in OURS for field in model._meta.fields if field.many_to_one or field.one_to_one]
    watched = guarded("INSERT") & guarded("UPDATE")

    unguarded = {
        (f"{model.__name__}.{field.name}", field.related_model)
        for model, field in keys
        if (model._meta.db_table, field.column) not in watched
    }

    assert len(keys) > len(unguarded) + 30
    assert {name for name, target in unguarded if target not in (Business, User)} == set()


@each_reference
@pytest.mark.parametrize("statement", [update, insert])
def test_a_reference_to_another_business_is_refused(ours, theirs, model, field, statement):
    row, foreign = ours.make(model, field.name), theirs.make(field.related_model)
    if statement is insert:
        lift(row)

    said = refusal_of(statement(model, field.column), foreign.pk, row.pk)

    assert said == f"{model._meta.db_table}.{field.column} refers to a row of another business"
    if statement is insert:  # and not for anything else
        run_sql(statement(model, field.column), getattr(row, field.attname), row.pk)


@each_reference
def test_a_reference_to_another_row_of_the_business_is_taken(ours, model, field):
    row, other = ours.make(model, field.name), ours.make(field.related_model)

    run_sql(update(model, field.column), other.pk, row.pk)

    row.refresh_from_db()
    assert getattr(row, field.attname) == other.pk


@each_table
def test_a_row_never_changes_its_business(ours, theirs, model):
    row = ours.make(model)

    said = refusal_of(update(model, "business_id"), theirs.business.pk, row.pk)

    assert said == f"{model._meta.db_table}.business_id never changes"
    run_sql(update(model, "business_id"), ours.business.pk, row.pk)


def test_a_row_can_not_leave_together_with_its_reference(ours, theirs):
    page, app = ours.make(Asset), theirs.make(Asset)
    statement = "UPDATE businesses_asset SET managed_by_id = %s, business_id = %s WHERE id = %s"

    assert "never changes" in refusal_of(statement, app.pk, app.business_id, page.pk)


def test_no_reference_at_all_is_taken(ours):
    page = ours.make(Asset, "managed_by")

    run_sql(update(Asset, "managed_by_id"), None, page.pk)


def test_a_row_that_is_still_to_come_is_refused(ours):
    page = ours.make(Asset)

    assert "another business" in refusal_of(update(Asset, "managed_by_id"), 10**9, page.pk)


@pytest.mark.parametrize("how", [{}, {"ignore_conflicts": True}])
def test_bulk_statements_are_refused(ours, theirs, how):
    page, person = ours.make(Asset), theirs.make(Person)
    crossing = ScopedID(business=page.business, asset=page, value="9", person=person, first_seen=NOW)

    with pytest.raises(IntegrityError, match="another business"), transaction.atomic():
        ScopedID.objects.bulk_create([crossing], **how)


def test_an_upsert_is_refused(ours, theirs):
    match, answer = ours.make(Match, "last_answer"), theirs.make(Answer)
    match.pk, match.last_answer = None, answer

    with pytest.raises(IntegrityError, match="another business"), transaction.atomic():
        Match.objects.bulk_create(
            [match],
            update_conflicts=True,
            unique_fields=["source", "target", "edge"],
            update_fields=["last_answer"],
        )


def test_every_table_belongs_to_a_business():
    assert set(OURS) - set(OWNED) == {Business, Heartbeat}


def test_no_row_leaves_its_business_unseen():
    moves = {(model._meta.db_table, "business_id") for model in OWNED}

    assert moves - guarded("UPDATE") == set()


def test_a_trigger_that_someone_took_away_is_missed_and_comes_back_with_the_next_migrate():
    of_matches = [trigger for trigger in triggers() if trigger[0] == Match._meta.db_table]
    table, name = next((table, name) for table, name, events, *_ in of_matches if "UPDATE" in events)
    complete = guarded("UPDATE") | guarded("INSERT")
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""

    run_sql(f"DROP TRIGGER {name}{on_table}")
    assert guarded("UPDATE") & guarded("INSERT") != complete

    emit_post_migrate_signal(0, False, "default")
    assert guarded("UPDATE") | guarded("INSERT") == complete


def test_putting_them_in_place_again_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(1):
        isolation.install("default")


def test_a_database_migrated_in_part_is_guarded_as_far_as_it_goes():
    only_businesses = state_without("lookups")

    isolation.install("default", only_businesses)
    assert {table.split("_")[0] for table, _ in guarded("UPDATE")} == {"businesses"}

    isolation.install("default")
    assert {table.split("_")[0] for table, _ in guarded("UPDATE")} == {"businesses", "lookups"}


@pytest.mark.django_db(transaction=True)
def test_a_migration_finds_no_trigger_in_its_way():
    before = guarded("UPDATE")
    column = Asset._meta.get_field("name")
    longer = column.clone()
    longer.max_length += 1
    longer.set_attributes_from_name("name")
    key = Match._meta.get_field("source")
    free_key = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="+")
    free_key.set_attributes_from_name("source")
    free_key.model = Match

    emit_pre_migrate_signal(0, False, "default", plan=[(Migration("0009_any", "lookups"), False)])
    try:
        assert triggers() == []
        alter(Asset, column, longer)
        alter(Match, key, free_key)
    finally:
        alter(Match, free_key, key)
        alter(Asset, longer, column)
        emit_post_migrate_signal(0, False, "default")

    assert guarded("UPDATE") == before


def test_a_migrate_without_migrations_leaves_them_alone():
    before = triggers()

    emit_pre_migrate_signal(0, False, "default", plan=[])

    assert triggers() == before


def alter(model: type[models.Model], old: models.Field, new: models.Field) -> None:
    with connection.schema_editor() as editor:
        editor.alter_field(model, old, new)


def state_without(label: str) -> object:
    """The models as a migration sees them while an app's tables are not there yet."""
    loader = MigrationExecutor(connection).loader
    leaves = [leaf for leaf in loader.graph.leaf_nodes() if leaf[0] != label]
    return loader.project_state(leaves).apps


@pytest.mark.parametrize("statement", [update, insert])
def test_a_temporary_table_of_the_same_name_misleads_nothing(ours, theirs, statement):
    row, foreign = ours.make(Match, "source"), theirs.make(ScopedID)
    if statement is insert:
        lift(row)
    table = ScopedID._meta.db_table  # in the temporary one all rows are of the business
    run_sql(f"CREATE TEMPORARY TABLE {table} AS SELECT id, {ours.business.pk} AS business_id FROM {table}")

    said = refusal_of(statement(Match, "source_id"), foreign.pk, row.pk)

    assert said == f"{Match._meta.db_table}.source_id refers to a row of another business"
