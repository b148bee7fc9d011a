"""The Celery application. Messages only wake workers: the database says what is to be done."""

import os
from functools import cached_property
from typing import Any

from celery import Celery, signals

from idlink import deployment, file_broker
from idlink.watchdog import Watchdog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # Celery's own run of the checks goes on whatever they find


class IdlinkCelery(Celery):
    """Celery with our worker and our scheduler: `celery -A idlink worker` and `celery -A idlink beat` start these."""

    @cached_property
    def Worker(self) -> Any:
        """The class of the worker."""
        return self.subclass_with_self("idlink.programs:WorkerProgram")  # type: ignore[arg-type]  # takes names, too

    @cached_property
    def Beat(self) -> Any:
        """The class of the scheduler."""
        return self.subclass_with_self("idlink.programs:BeatProgram")  # type: ignore[arg-type]  # takes names, too


file_broker.use_for_filesystem()
app = IdlinkCelery("idlink", task_cls="idlink.outages:OutageTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Watchdog)
# Sent before the tasks are imported, in worker and scheduler; the database is not asked, no broker is connected.
signals.import_modules.connect(deployment.refuse_unfit_settings, sender=app)
