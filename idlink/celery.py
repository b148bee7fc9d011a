"""The Celery application. Messages only wake workers: the database says what is to be done."""

import os

from celery import Celery

from idlink import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")

file_broker.use_for_filesystem()
app = Celery("idlink")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
