"""Wiring: settings, URLs, the admin site, Celery and WSGI. No rule of the trade lives here.

Every process of an installation imports this package first.
"""

import os

from idlink.celery import app as celery_app

os.umask(0o077)  # other users of this machine must not read database, lists, logs and messages

__all__ = ["celery_app"]
