"""Encrypt every stored secret anew under the first key of IDLINK_ENCRYPTION_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models

from businesses.checks import SEALED_COLUMNS
from businesses.secrets import current_prefix, reseal


class Command(BaseCommand):
    """Set the new key as the first, run this command, then remove the old key. It may be stopped and run again."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate every kind of secret and say how many changed."""
        rotated = sum(_rotate(apps.get_model("businesses", model), column) for model, column in SEALED_COLUMNS)
        self.stdout.write(f"{rotated} secrets encrypted under the first key. The other keys can be dropped now.")


def _rotate(model: type[models.Model], column: str) -> int:
    rotated = 0
    rows = model._default_manager.exclude(**{column: ""}).exclude(**{f"{column}__startswith": current_prefix()})
    for pk, sealed in rows.values_list("pk", column).iterator():
        # Only if no other secret was saved meanwhile.
        rotated += model._default_manager.filter(pk=pk, **{column: sealed}).update(**{column: reseal(sealed)})
    return rotated
