"""The index by which names are found on PostgreSQL: of every three letters, made by the extension pg_trgm.

No migration makes it: where this extension can't be made, all else must work. It is tried again at each migration.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connections, transaction

logger = logging.getLogger(__name__)

NAME = "profiles_by_name"
_IS_THERE = "SELECT to_regclass(%s) IS NOT NULL OR to_regclass('lookups_profile') IS NULL"
_LACKING = "Names are searched without an index, which takes seconds among millions."
_HINT = "Have an administrator of the database run CREATE EXTENSION pg_trgm, then run manage.py migrate."


def index_names(*, using: str, **kwargs: Any) -> None:
    """Make the index where there is none; where the database refuses, say so and go on."""
    connection = connections[using]
    if connection.vendor != "postgresql" or _is_there(using):
        return
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(f"CREATE INDEX {NAME} ON lookups_profile USING gin (folded gin_trgm_ops)")
    except DatabaseError as error:
        logger.warning("%s %s The database said: %s", _LACKING, _HINT, str(error).strip())


@register(Tags.database)
def check_name_index(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Tell of a database that lacks the index."""
    lacking = [one for one in databases or () if connections[one].vendor == "postgresql" and not _is_there(one)]
    return [Warning(_LACKING, hint=_HINT, id="idlink.W001") for _ in lacking]


def _is_there(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute(_IS_THERE, [NAME])
        (told,) = cursor.fetchone()
    return bool(told)
