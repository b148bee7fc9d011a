"""Makes Django ready when imported, in a folder of its own and on the database that DATABASE_URL names.

With KEEPS_SETTINGS in the environment the rest of the settings is taken as it is, too: the driver has made them.
"""

import importlib
import os

import django

if "KEEPS_SETTINGS" not in os.environ:
    importlib.import_module("tests.environment")

os.environ["DJANGO_SETTINGS_MODULE"] = "idlink.settings"
django.setup()
