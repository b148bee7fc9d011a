"""WSGI entry point. Refuses to serve when a deployment check fails, as worker and scheduler do."""

import os

from django.core.wsgi import get_wsgi_application

from idlink.deployment import refuse_unfit_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")

application = get_wsgi_application()
refuse_unfit_settings()
