"""WSGI entry point. Refuses to serve when a system check fails, as `manage.py` commands do."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")

application = get_wsgi_application()
call_command("check")
