"""The app for what we own: businesses, apps, Pages, tokens and who may see them."""

from django.apps import AppConfig


class BusinessesConfig(AppConfig):
    """Registers the system checks."""

    name = "businesses"
    verbose_name = "What we own"

    def ready(self) -> None:
        from businesses import checks  # noqa: F401, PLC0415  (registers itself; models must be loaded first)
