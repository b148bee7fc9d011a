"""The app for what we own: businesses, apps, Pages, tokens and who may see them."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from businesses import isolation


class BusinessesConfig(AppConfig):
    """Registers the system checks and keeps the database's guard between businesses in place."""

    name = "businesses"
    verbose_name = "What we own"

    def ready(self) -> None:
        from businesses import checks  # noqa: F401, PLC0415  (registers itself; models must be loaded first)

        # Sent once for each app of the installation; one of them is enough.
        pre_migrate.connect(isolation.before_migrating, sender=self)
        post_migrate.connect(isolation.after_migrating, sender=self)
