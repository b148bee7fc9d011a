"""While a task of the queues of bulk work runs, what it writes gives way to all others."""

from typing import Any

from celery.signals import task_postrun, task_prerun

from lookups.asking import writing_order
from lookups.models import UPLOADS, Lane


@task_prerun.connect
def _task_begins(task: Any, **kwargs: Any) -> None:
    writing_order.give_way((task.request.delivery_info or {}).get("routing_key") in (Lane.BULK, UPLOADS))


@task_postrun.connect
def _task_has_ended(**kwargs: Any) -> None:
    writing_order.give_way(False)
