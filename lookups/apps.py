"""The app for what we ask Graph and what we learn."""

from django.apps import AppConfig, apps
from django.db.models.signals import pre_migrate


class LookupsConfig(AppConfig):
    """Lookups, links and persons. Lets `migrate` refuse tables of another form before it changes anything."""

    name = "lookups"
    verbose_name = "People and links"

    def ready(self) -> None:
        from lookups.management.database_form import refuse_to_migrate  # noqa: PLC0415  (models must be loaded first)

        # Sent for auth before it is sent for businesses, which takes its triggers away.
        pre_migrate.connect(refuse_to_migrate, sender=apps.get_app_config("auth"))
