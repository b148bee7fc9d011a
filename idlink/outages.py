"""What worker and scheduler do while the database does not answer: one warning. The next sweep finds the work again."""

import logging
from typing import Any

from celery.contrib.django.task import DjangoTask
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)
GOING = ("57P01", "57P02", "57P03")  # PostgreSQL ends, has crashed, or does not take connections yet


class Outage:
    """Whether the database is away, as far as this process has seen; each outage is told once."""

    def __init__(self) -> None:
        self.lasts = False

    def seen(self, error: Exception) -> None:
        """Tell of the outage, unless it is told already. The error's text may name hosts and users."""
        if not self.lasts:
            name = type(error.__cause__ or error).__name__
            logger.warning("The database does not answer (%s); work goes on when it does.", name)
        self.lasts = True

    def over(self) -> None:
        """Note that the database has answered."""
        self.lasts = False


outage = Outage()


class OutageTask(DjangoTask):
    """A task that ends without its work when the database is away; all other errors stay errors."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task."""
        try:
            result = super().__call__(*args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            if not is_outage(error):
                raise
            outage.seen(error)
            return None
        outage.over()
        return result


def database_is_away() -> bool:
    """Ask the database whether it answers."""
    try:
        close_old_connections()
        connection.ensure_connection()
        if not connection.is_usable():
            connection.close()
            connection.ensure_connection()
    except OperationalError as error:
        outage.seen(error)
        return True
    outage.over()
    return False


def is_outage(error: DatabaseError | InterfaceError) -> bool:
    """Tell whether the database itself is away, rather than a statement having failed. SQLite never is."""
    if isinstance(error, InterfaceError):
        return True
    # psycopg2 raises the bare DatabaseError, without a code, for a server that goes in the middle of a statement.
    if type(error) not in (OperationalError, DatabaseError):
        return False
    code = getattr(error.__cause__, "pgcode", "not PostgreSQL")
    return code is None or code in GOING or code.startswith("08")
