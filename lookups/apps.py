"""The app for what we ask Graph and what we learn."""

from django.apps import AppConfig


class LookupsConfig(AppConfig):
    """Lookups, links and persons."""

    name = "lookups"
    verbose_name = "People and links"
