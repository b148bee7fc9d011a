"""Queries for references to rows that are not stored. On PostgreSQL triggers keep them whole, not foreign keys."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Exists, ForeignKey, Model, OuterRef, QuerySet


def references() -> dict[str, QuerySet[Any, Any]]:
    """Give for each reference of our tables to our tables the rows that refer to no row, by what is wrong with them."""
    return {
        f"{model._meta.verbose_name_plural} whose {key.verbose_name} is not stored": _to_no_row(model, key, target)
        for model, key, target in _keys()
    }


def _keys() -> "Iterator[tuple[type[Model], ForeignKey[Any, Any], type[Model]]]":
    ours = [model for label in ("businesses", "lookups") for model in apps.get_app_config(label).get_models(True)]
    tables = [model for model in ours if not model._meta.proxy]
    for model in tables:
        for field in model._meta.local_concrete_fields:
            target = field.related_model._meta.concrete_model if isinstance(field, ForeignKey) else None
            if target in tables and isinstance(field, ForeignKey):
                yield model, field, target


def _to_no_row(model: type[Model], key: "ForeignKey[Any, Any]", target: type[Model]) -> QuerySet[Any, Any]:
    stored = target._base_manager.filter(pk=OuterRef(key.attname))
    return model._base_manager.filter(~Exists(stored), **{f"{key.attname}__isnull": False})
