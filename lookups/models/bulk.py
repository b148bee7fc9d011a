"""Make, insert and update many rows with one statement; used for every question.

The ORM prepares every field of every row for saving, which takes most of the time of storing an answer. Here the
values go to the database as they are, except where the database's type differs from the field's. Each value must
therefore have its field's type already.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, IntegerField, Model, TextField
from django.db.models.base import ModelState

Made = TypeVar("Made", bound=Model)
_PLAIN = (BooleanField, CharField, ForeignKey, IntegerField, TextField)
_Fields = Sequence["Field[Any, Any]"]
_Columns = Sequence[list[Any]]


def new(model: type[Made], **values: Any) -> Made:
    """Make a row that is not stored yet, in an eighth of the time that calling the model takes.

    A value that is left out gets its field's default. A reference is given by the field's name with the row, stored
    or not, or by the column's name with the key. Raises TypeError for any other name. Sends no signals.
    """
    shape = _shape(model)
    row = model.__new__(model)
    row._state = ModelState()
    columns = row.__dict__
    columns.update(shape.plain)
    for column, default in shape.made.items():
        if column not in values:
            columns[column] = default()
    for name, value in values.items():
        reference = shape.references.get(name)
        if reference:
            row._state.fields_cache[name] = value
            columns[reference] = None if value is None else value.pk
        elif name in columns or name in shape.made:
            columns[name] = value
        else:
            raise TypeError(f"{model.__name__} has no {name}")
    return row


def twin(row: Made) -> Made:
    """Give a copy of a row that can be changed without changing the row; both share the rows they refer to."""
    other = type(row).__new__(type(row))
    other.__dict__.update(row.__dict__)
    other._state = ModelState()
    other._state.db, other._state.adding = row._state.db, row._state.adding
    other._state.fields_cache.update(row._state.fields_cache)
    return other


def insert(rows: Sequence[Model]) -> None:
    """Store new rows of one model and give them their keys."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    columns, start = [_column(field, rows) for field in fields], _start(rows[0], fields)
    end = f"RETURNING {_name(meta.pk)}"
    keys = _insert_arrays(start, fields, columns, end) if _has_arrays() else _insert_tuples(start, columns, end)
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def insert_values(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]], **same: Any) -> None:
    """Store rows from plain values, without making instances of the model: that takes a third of the time.

    Each row holds the values of the fields `names`, as the database takes them; a reference is given by its key.
    `same` holds values that are equal in all rows, by field. Fields that are not named must allow NULL.
    """
    if not rows:
        return
    fields = [cast("Field[Any, Any]", model._meta.get_field(name)) for name in (*same, *names)]
    of_all, varied = list(same.values()), fields[len(same) :]
    start = _start(model, fields)
    with connection.cursor() as cursor:
        if _has_arrays():
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(f"{start} SELECT {'%s, ' * len(of_all)}* FROM {_arrays(varied)}", [*of_all, *columns])  # noqa: S608  (only names)
        else:
            cursor.executemany(f"{start} VALUES {_tuple(fields)}", [(*of_all, *row) for row in rows])


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write these fields of stored rows of one model; one statement if the database takes arrays."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if field.name in names]
    columns, key = [_column(field, rows) for field in (*fields, meta.pk)], _name(meta.pk)
    with connection.cursor() as cursor:
        if _has_arrays():
            news = ", ".join(f"{name} = new.{name}" for name in map(_name, fields))
            told = f"{_arrays((*fields, meta.pk))} AS new ({', '.join(map(_name, (*fields, meta.pk)))})"
            statement = f'UPDATE "{meta.db_table}" old SET {news} FROM {told} WHERE old.{key} = new.{key}'  # noqa: S608  (only names)
            cursor.execute(statement, columns)
        else:
            news = ", ".join(f"{_name(field)} = %s" for field in fields)
            statement = f'UPDATE "{meta.db_table}" SET {news} WHERE {key} = %s'  # noqa: S608  (only names)
            cursor.executemany(statement, list(zip(*columns, strict=True)))


@dataclass(frozen=True)
class _Shape:
    """The values of a new row of a model: fixed defaults by column, defaults made for each row, and references."""

    plain: dict[str, Any]
    made: dict[str, Callable[[], Any]]
    references: dict[str, str]


@cache
def _shape(model: type[Model]) -> _Shape:
    fields = model._meta.concrete_fields
    made = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    references = {field.name: field.attname for field in fields if isinstance(field, ForeignKey)}
    return _Shape(
        {field.attname: field.get_default() for field in fields if field.attname not in made}, made, references
    )


def _name(field: "Field[Any, Any]") -> str:
    return f'"{field.column}"'


def _has_arrays() -> bool:
    return connection.vendor == "postgresql"


def _arrays(fields: _Fields) -> str:
    """Give a table of array parameters as SQL, one array a column. Their types have no length, or casts cut text."""
    types = [str(field.db_type(connection)).partition("(")[0] for field in fields]
    return f"UNNEST({', '.join(f'(%s)::{name}[]' for name in types)})"


def _start(model: Model | type[Model], fields: _Fields) -> str:
    return f'INSERT INTO "{model._meta.db_table}" ({", ".join(map(_name, fields))})'


def _tuple(fields: Sequence[Any]) -> str:
    """Give the placeholders of a row's values as SQL."""
    return f"({', '.join(['%s'] * len(fields))})"


def _insert_arrays(start: str, fields: _Fields, columns: _Columns, end: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"{start} SELECT * FROM {_arrays(fields)} {end}", columns)  # noqa: S608  (only names)
        return [key for (key,) in cursor.fetchall()]


def _insert_tuples(start: str, columns: _Columns, end: str) -> list[int]:
    """Insert rows part by part, because SQLite limits the values of a statement."""
    tuples, keys = list(zip(*columns, strict=True)), []
    most = (connection.features.max_query_params or 999) // len(columns)
    one = _tuple(columns)
    with connection.cursor() as cursor:
        for first in range(0, len(tuples), most):
            part = tuples[first : first + most]
            told = ", ".join([one] * len(part))
            cursor.execute(f"{start} VALUES {told} {end}", [value for row in part for value in row])
            keys += [key for (key,) in cursor.fetchall()]
    return keys


def _column(field: "Field[Any, Any]", rows: Sequence[Model]) -> list[Any]:
    """Give a field's values. A reference that was set before its row was stored gets the row's key now."""
    name = field.attname
    if isinstance(field, ForeignKey):
        for row in rows:
            if row.__dict__[name] is None and field.is_cached(row):
                related = field.get_cached_value(row)
                row.__dict__[name] = related.pk if related else None
    values = [row.__dict__[name] for row in rows]
    convert = _converter(field)
    return [convert(value) for value in values] if convert else values


def _converter(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    if isinstance(field, _PLAIN):
        return None
    if isinstance(field, DateTimeField):
        return None if _has_arrays() else connection.ops.adapt_datetimefield_value
    return partial(field.get_db_prep_save, connection=connection)
