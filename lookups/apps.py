"""The app for what we ask Graph and what we learn."""

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class LookupsConfig(AppConfig):
    """Lookups, links and persons. Lets `migrate` refuse tables of another form before it changes anything."""

    name = "lookups"
    verbose_name = "People and links"

    def ready(self) -> None:
        # Models must be loaded first.
        from lookups.asking.writing_order import order_writes  # noqa: PLC0415
        from lookups.management.database_form import refuse_to_migrate  # noqa: PLC0415
        from lookups.management.name_index import index_names  # noqa: PLC0415

        connection_created.connect(order_writes)
        # Sent for auth before it is sent for businesses, which takes its triggers away.
        pre_migrate.connect(refuse_to_migrate, sender=apps.get_app_config("auth"))
        post_migrate.connect(index_names, sender=self)
