"""The app for what we own: businesses, apps, Pages, tokens and who may see them."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from businesses import isolation


class BusinessesConfig(AppConfig):
    """Registers the system checks, and installs the guard between businesses in the database after migrations."""

    name = "businesses"
    verbose_name = "What we own"

    def ready(self) -> None:
        from businesses import checks  # noqa: F401, PLC0415  (registers itself; models must be loaded first)

        # Django sends these signals once for each app; one receiver is enough.
        pre_migrate.connect(isolation.before_migrating, sender=self)
        post_migrate.connect(isolation.after_migrating, sender=self)
