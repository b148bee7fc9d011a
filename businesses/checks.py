"""System checks on what we own: secrets stored in plain text, and a stand-in for Graph in production.

SECRET_KEY and the encryption keys are checked earlier, while the settings load.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

SEALED_COLUMNS = (("AppSecret", "sealed_value"), ("AccessToken", "sealed_value"))
LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104  (compared with, never bound to)


@register(Tags.security)
def check_graph_url(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a sandbox or plain-http Graph unless the settings say that this installation uses a sandbox."""
    parts = urlsplit(settings.IDLINK_GRAPH_URL)
    real = parts.scheme == "https" and not (parts.hostname or "").startswith(LOOPBACK)
    if not real and not settings.IDLINK_SANDBOX:
        return [
            Error(
                "IDLINK_GRAPH_URL is not an https address of another host.",
                hint="Use https://graph.facebook.com, or set IDLINK_SANDBOX=1 for a trial installation.",
                id="idlink.E001",
            )
        ]
    if real and settings.DEBUG:
        return [
            Error(
                "DEBUG is on while IDLINK_GRAPH_URL is the real Graph: error pages would show tokens.",
                hint="Set DEBUG=0.",
                id="idlink.E002",
            )
        ]
    return []


@register(Tags.database)
def check_secrets_are_sealed(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Find secrets that someone wrote into the database by hand, unencrypted."""
    errors: list[CheckMessage] = []
    for alias in databases or ():
        tables = set(connections[alias].introspection.table_names())
        for model_name, column in SEALED_COLUMNS:
            if apps.get_model("businesses", model_name)._meta.db_table not in tables:
                continue  # `migrate` runs the checks before it makes the tables
            rows = apps.get_model("businesses", model_name)._default_manager.using(alias)
            plain = rows.exclude(**{column: ""}).exclude(**{f"{column}__startswith": "v1:"}).count()
            if plain:
                errors.append(
                    Error(
                        f"{plain} rows of {model_name}.{column} are not encrypted.",
                        hint="Enter these secrets anew in the admin.",
                        id="idlink.E003",
                    )
                )
    return errors
