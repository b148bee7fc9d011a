"""The Celery application. Messages are wake-ups only: the database owns the work."""

import os

from celery import Celery

from idlink import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")

file_broker.use_for_filesystem()
app = Celery("idlink")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
