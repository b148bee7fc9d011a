"""Makes Django ready when imported, in a folder of its own and on the database that DATABASE_URL names."""

import os

import django

import tests.environment  # noqa: F401  (sets what the settings read)

os.environ["DJANGO_SETTINGS_MODULE"] = "idlink.settings"
django.setup()
