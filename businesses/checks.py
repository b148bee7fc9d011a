"""System checks on what we own: secrets stored in plain text, and an address of Graph that may not be asked.

SECRET_KEY and the encryption keys are checked earlier, while the settings load.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from businesses.graph_address import address_trouble, is_the_real_graph

SEALED_COLUMNS = (("AppSecret", "sealed_value"), ("AccessToken", "sealed_value"))


@register(Tags.security)
def check_graph_url(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an address of Graph that these settings don't allow, and error pages beside the real one."""
    url = settings.IDLINK_GRAPH_URL
    trouble = address_trouble(url, sandbox=settings.IDLINK_SANDBOX, elsewhere=settings.IDLINK_SANDBOX_ADDRESS)
    if trouble:
        hint = "Use https://graph.facebook.com. A trial installation with a stand-in for Graph says IDLINK_SANDBOX=1."
        return [Error(trouble, hint=hint, id="idlink.E001")]
    if is_the_real_graph(url) and settings.DEBUG:
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
