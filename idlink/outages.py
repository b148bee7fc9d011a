"""What a task does while the database does not answer: one warning. The next sweep finds the work again."""

import logging
from typing import Any

from celery.contrib.django.task import DjangoTask
from django.db import InterfaceError, OperationalError

logger = logging.getLogger(__name__)
GOING = ("57P01", "57P02", "57P03")  # PostgreSQL ends, has crashed, or does not take connections yet


class OutageTask(DjangoTask):
    """A task that ends without its work when the database is away; all other errors stay errors."""

    abstract = True
    _is_away = False  # of this process; said once for each outage

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        away = ""
        try:
            result = super().__call__(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            if not is_outage(error):
                raise
            away = type(error.__cause__ or error).__name__
        if not away:
            OutageTask._is_away = False
            return result
        if not OutageTask._is_away:
            logger.warning("The database does not answer (%s); work goes on when it does.", away)
        OutageTask._is_away = True
        return None


def is_outage(error: OperationalError | InterfaceError) -> bool:
    """Tell whether the database itself is away, rather than a statement having failed. SQLite never is."""
    cause = error.__cause__
    if isinstance(error, InterfaceError):
        return True
    code = getattr(cause, "pgcode", "not PostgreSQL")
    return code is None or code in GOING or code.startswith("08")
