"""The database's own guard: a row refers only to rows of its business, and never leaves its business.

A model may also name changes of a column that the database must refuse (`forbidden_changes`). No constraint can
express these, because a constraint sees the new state of a row but not the old one.

The guard consists of triggers. It also catches what bypasses the checks in Python: raw SQL, bulk statements, a
forgotten check. The triggers are derived from the models, so every new model is guarded, too. One case is not
caught: a row is deleted, and its key is used again for a row of another business.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import connections, models, transaction

PREFIX = "one_business_"
LONGEST_NAME = 63  # in PostgreSQL
_NAME = "@name@"
_SCHEMA = "@schema@"

Statements = tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """A column that refers to a row which itself belongs to a business."""

    column: str
    table: str
    key: str
    business: str


@dataclass(frozen=True)
class Forbidden:
    """A change of a column that is refused: `when` is SQL over OLD and NEW, `said` is the error's text."""

    column: str
    when: str
    said: str


@dataclass(frozen=True)
class Guarded:
    """A table whose rows belong to a business, its references to other such rows, and its forbidden changes."""

    table: str
    business: str
    references: tuple[Reference, ...]
    forbidden: tuple[Forbidden, ...] = ()

    @property
    def columns(self) -> str:
        """The columns that the triggers watch, as SQL."""
        return ", ".join(f'"{column}"' for column in (self.business, *(ref.column for ref in self.references)))

    @property
    def stays_said(self) -> str:
        """The error's text for a row that would change its business."""
        return f"{self.table}.{self.business} never changes"

    def crosses_said(self, ref: Reference) -> str:
        """Give the error's text for a reference to another business; it names no value."""
        return f"{self.table}.{ref.column} refers to a row of another business"

    def sought(self, ref: Reference) -> str:
        """Give the SQL that finds a reference's row. A missing row is refused, too: it could be added later."""
        return (
            f'FROM "{ref.table}" ref WHERE ref."{ref.key}" = NEW."{ref.column}" '
            f'AND ref."{ref.business}" = NEW."{self.business}"'
        )


@dataclass(frozen=True)
class Dialect:
    """The SQL of one kind of database."""

    schema: str  # query: the schema in which tables and functions are made
    present: str  # query: all triggers or functions that idlink has made, as DROP names them
    active: str  # query: the names of the active triggers
    drop: str
    triggers: Callable[[Guarded], list[Statements]]


def guarded_tables(apps: Apps) -> list[Guarded]:
    """Every table whose rows belong to a business."""
    owned = [model for model in apps.get_models(include_auto_created=True) if _is_table_of_a_business(model)]
    return [
        Guarded(model._meta.db_table, _column(model, "business"), _references(model), _forbidden(model))
        for model in owned
    ]


def _is_table_of_a_business(model: type[models.Model]) -> bool:
    own = model._meta.managed and not model._meta.proxy
    fields = {field.name: field for field in model._meta.local_concrete_fields}
    business = fields.get("business") if own else None
    return isinstance(business, models.ForeignKey) and _target(business)._meta.label_lower == "businesses.business"


def _references(model: type[models.Model]) -> tuple[Reference, ...]:
    """Give a model's references in the order of their columns, because migrations order the fields differently."""
    keys = [field for field in model._meta.local_concrete_fields if isinstance(field, models.ForeignKey)]
    found = [_reference(key) for key in keys if _is_table_of_a_business(_target(key))]
    return tuple(sorted(found, key=lambda reference: reference.column))


def _forbidden(model: type[models.Model]) -> tuple[Forbidden, ...]:
    """Give a model's forbidden changes. Models in migrations lack them, so the installed model is read."""
    installed = installed_apps.get_model(model._meta.label)
    changes = getattr(installed, "forbidden_changes", {})
    return tuple(Forbidden(_column(model, name), when, said) for name, (when, said) in changes.items())


def _target(key: "models.ForeignKey[Any, Any]") -> type[models.Model]:
    model: type[models.Model] = key.remote_field.model
    return model._meta.concrete_model or model  # for a proxy, the model of its table


def _column(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[union-attr]


def _reference(key: "models.ForeignKey[Any, Any]") -> Reference:
    target = _target(key)
    return Reference(key.column, target._meta.db_table, str(key.target_field.column), _column(target, "business"))


def _sqlite_triggers(guarded: Guarded) -> list[Statements]:
    """Give the triggers of a table for SQLite, where one trigger can't watch both inserts and updates."""
    leaves = f'NEW."{guarded.business}" IS NOT OLD."{guarded.business}"'
    crossings = "".join(_sqlite_crossing(guarded, ref) for ref in guarded.references)
    leaving = f"SELECT CASE WHEN {leaves} THEN RAISE(ABORT, '{guarded.stays_said}') END; "
    events = {"INSERT": crossings, f"UPDATE OF {guarded.columns}": leaving + crossings}
    refusals: list[Statements] = [
        (
            f'CREATE TRIGGER "{_NAME}" BEFORE UPDATE OF "{one.column}" ON "{guarded.table}" WHEN {one.when} '
            f"BEGIN SELECT RAISE(ABORT, '{guarded.table}: {one.said}'); END",
        )
        for one in guarded.forbidden
    ]
    return refusals + [
        (f'CREATE TRIGGER "{_NAME}" BEFORE {event} ON "{guarded.table}" BEGIN {body}END',)
        for event, body in events.items()
        if body
    ]


def _sqlite_crossing(guarded: Guarded, ref: Reference) -> str:
    crosses = f'NEW."{ref.column}" IS NOT NULL AND NOT EXISTS (SELECT 1 {guarded.sought(ref)})'
    return f"SELECT CASE WHEN {crosses} THEN RAISE(ABORT, '{guarded.crosses_said(ref)}') END; "


def _postgres_triggers(guarded: Guarded) -> list[Statements]:
    """Give the triggers of a table for PostgreSQL.

    Inserts are checked once for all rows of a statement. Updates are checked row by row, because only a row trigger
    can watch columns.
    """
    leaving = (
        f'IF NEW."{guarded.business}" IS DISTINCT FROM OLD."{guarded.business}" THEN '
        f"RAISE check_violation USING MESSAGE = '{guarded.stays_said}'; END IF; "
    )
    crossings = "".join(_postgres_crossing(guarded, ref) for ref in guarded.references)
    updating = _postgres_trigger(
        f'BEFORE UPDATE OF {guarded.columns} ON "{guarded.table}" FOR EACH ROW', f"{leaving}{crossings}RETURN NEW;"
    )
    refusals = [_postgres_refusal(guarded, one) for one in guarded.forbidden]
    if not guarded.references:
        return [updating, *refusals]
    all_rows = "".join(_postgres_crossing_of_all(guarded, ref) for ref in guarded.references)
    events = f'AFTER INSERT ON "{guarded.table}" REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT'
    return [updating, *refusals, _postgres_trigger(events, f"{all_rows}RETURN NULL;")]


def _postgres_refusal(guarded: Guarded, one: Forbidden) -> Statements:
    """Give the trigger of a forbidden change. WHEN comes before the function, so allowed changes cost no call."""
    return _postgres_trigger(
        f'BEFORE UPDATE OF "{one.column}" ON "{guarded.table}" FOR EACH ROW WHEN ({one.when})',
        f"RAISE check_violation USING MESSAGE = '{guarded.table}: {one.said}';",
    )


def _postgres_trigger(events: str, body: str) -> Statements:
    """Give a function and its trigger.

    The search path is fixed, with temporary tables last, so that the function reads no other table of the same name.
    """
    return (
        f'CREATE FUNCTION "{_NAME}"() RETURNS trigger LANGUAGE plpgsql SET search_path = {_SCHEMA}, pg_temp '
        f"AS $guard$ BEGIN {body} END $guard$",
        f'CREATE TRIGGER "{_NAME}" {events} EXECUTE FUNCTION "{_NAME}"()',
    )


def _postgres_crossing(guarded: Guarded, ref: Reference) -> str:
    """Give the check of one reference. The conditions are nested and not joined by AND, so a null costs no query."""
    return (
        f'IF NEW."{ref.column}" IS NOT NULL THEN IF {_business_of(ref, "NEW")} IS DISTINCT FROM '
        f'NEW."{guarded.business}" THEN {_refuse(guarded, ref)} END IF; END IF; '
    )


def _postgres_crossing_of_all(guarded: Guarded, ref: Reference) -> str:
    return (
        f'IF EXISTS (SELECT 1 FROM fresh WHERE fresh."{ref.column}" IS NOT NULL AND '  # noqa: S608  (only names)
        f'{_business_of(ref, "fresh")} IS DISTINCT FROM fresh."{guarded.business}") '
        f"THEN {_refuse(guarded, ref)} END IF; "
    )


def _business_of(ref: Reference, row: str) -> str:
    """Give the SQL for the business of a referred row, found by its key alone.

    If the condition named the business, too, the planner might read all rows of that business.
    """
    found = f'FROM "{ref.table}" ref WHERE ref."{ref.key}" = {row}."{ref.column}"'
    return f'(SELECT ref."{ref.business}" {found})'


def _refuse(guarded: Guarded, ref: Reference) -> str:
    return f"RAISE check_violation USING MESSAGE = '{guarded.crosses_said(ref)}';"


_SQLITE = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB '{PREFIX}*'"  # noqa: S608  (a constant)
_DIALECTS = {
    "sqlite": Dialect("SELECT 'main'", _SQLITE, _SQLITE, 'DROP TRIGGER "{}"', _sqlite_triggers),
    "postgresql": Dialect(
        "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('businesses_business')",
        f"SELECT oid::regprocedure::text FROM pg_proc WHERE starts_with(proname, '{PREFIX}') "  # noqa: S608  (a constant)
        "AND pg_function_is_visible(oid)",
        f"SELECT tgname FROM pg_trigger WHERE starts_with(tgname, '{PREFIX}') "  # noqa: S608  (a constant)
        "AND tgenabled = 'O' AND pg_table_is_visible(tgrelid)",
        "DROP FUNCTION {} CASCADE",
        _postgres_triggers,
    ),
}


def _wanted(dialect: Dialect, apps: Apps) -> dict[str, Statements]:
    """Give all triggers by name. The name holds a digest of the statements: the same name means the same trigger."""
    wanted = {}
    for guarded in guarded_tables(apps):
        for statements in dialect.triggers(guarded):
            digest = hashlib.sha256("".join(statements).encode()).hexdigest()[:8]
            name = f"{PREFIX}{digest}_{guarded.table}"[:LONGEST_NAME]
            wanted[name] = tuple(statement.replace(_NAME, name) for statement in statements)
    return wanted


def _names(using: str, query: str) -> set[str]:
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}


def install(using: str, apps: Apps = installed_apps) -> None:
    """Install the triggers. If all are active, no table is touched, so a start beside running workers locks nothing."""
    dialect = _DIALECTS[connections[using].vendor]
    wanted = _wanted(dialect, apps)
    if _names(using, dialect.active) == set(wanted):
        return
    (schema,) = _names(using, dialect.schema)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        remove(using)
        for statements in wanted.values():
            for statement in statements:
                cursor.execute(statement.replace(_SCHEMA, schema))


def remove(using: str) -> None:
    """Remove all triggers, those of earlier versions, too."""
    dialect = _DIALECTS[connections[using].vendor]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for name in _names(using, dialect.present):
            cursor.execute(dialect.drop.format(name))


def before_migrating(*, using: str, plan: Sequence[object], **kwargs: Any) -> None:
    """Remove the triggers before migrations: tables that triggers name can't be altered.

    SQLite makes the table anew without them, and PostgreSQL refuses.
    """
    if plan:
        remove(using)


def after_migrating(*, using: str, apps: Apps = installed_apps, **kwargs: Any) -> None:
    """Install the triggers after migrations; `apps` are the models of the tables that exist now."""
    install(using, apps)
