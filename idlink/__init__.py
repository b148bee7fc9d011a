"""Wiring: settings, URLs, the admin site, Celery and WSGI. No rule of the trade lives here."""

from idlink.celery import app as celery_app

__all__ = ["celery_app"]
