"""Which tables belong to a business, and which of their columns refer to rows that do, too: read from the models."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import models

NAME = "@name@"  # of the trigger and its function
SCHEMA = "@schema@"

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
    """A table whose rows belong to a business, its references to other such rows, and its forbidden changes.

    `businesses` are the table of businesses and its key.
    """

    table: str
    business: str
    references: tuple[Reference, ...]
    businesses: tuple[str, str]
    forbidden: tuple[Forbidden, ...] = ()

    @property
    def columns(self) -> str:
        """The columns that the triggers watch, as SQL."""
        return ", ".join(f'"{column}"' for column in (self.business, *(ref.column for ref in self.references)))

    @property
    def stays_said(self) -> str:
        """The error's text for a row that would change its business."""
        return f"{self.table}.{self.business} never changes"

    @property
    def missing_said(self) -> str:
        """The error's text for a row of a business that is not stored."""
        return f"{self.table}.{self.business} refers to a business that is not stored"

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
class Referred:
    """A table that guarded tables refer to, and by which columns. `business` is empty for the businesses' own."""

    table: str
    key: str
    business: str
    businesses: tuple[str, str]
    by: tuple[tuple[str, str], ...]

    @property
    def still_said(self) -> str:
        """The error's text for a row that is deleted while others refer to it."""
        return f"a row of {self.table} is deleted, but others refer to it"


def guarded_tables(apps: Apps) -> list[Guarded]:
    """Every table whose rows belong to a business."""
    owned = [model for model in apps.get_models(include_auto_created=True) if _is_table_of_a_business(model)]
    return [
        Guarded(
            model._meta.db_table, _column(model, "business"), _references(model), _businesses(model), _forbidden(model)
        )
        for model in owned
    ]


def referred_tables(guarded: Sequence[Guarded]) -> list[Referred]:
    """Every table that one of these tables refers to, the businesses' own included; columns are ordered as above."""
    by: dict[tuple[str, str, str, tuple[str, str]], list[tuple[str, str]]] = defaultdict(list)
    for one in guarded:
        by[*one.businesses, "", one.businesses].append((one.table, one.business))
        for ref in one.references:
            by[ref.table, ref.key, ref.business, one.businesses].append((one.table, ref.column))
    return [Referred(*target, tuple(sorted(columns))) for target, columns in by.items()]


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


def _businesses(model: type[models.Model]) -> tuple[str, str]:
    key: models.ForeignKey[Any, Any] = model._meta.get_field("business")  # type: ignore[assignment]
    return _target(key)._meta.db_table, str(key.target_field.column)


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
