"""End our own sessions of the database whose process has stopped inside a transaction: they hold up all others.

PostgreSQL ends by itself a session that is idle in a transaction, but not one that waits for its process in the middle
of a statement: while a COPY waits for rows, or an answer for somebody who reads it, no limit is looked at. What must
take long has another name, and is left alone.
"""

import logging

from django.db import connection

logger = logging.getLogger(__name__)

STOPPED_SECONDS = 30
_END = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'idlink' AND datname = current_database() AND usename = current_user
        AND wait_event IN ('ClientRead', 'ClientWrite') AND xact_start IS NOT NULL
        AND state_change < clock_timestamp() - make_interval(secs => %s)
"""


def end_frozen_sessions() -> int:
    """End them; gives how many. What they had claimed comes back when its lease has run out."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_END, [STOPPED_SECONDS])
        ended = sum(done for (done,) in cursor.fetchall())
    if ended:
        logger.warning("Ended %s sessions of the database whose process had stopped inside a transaction.", ended)
    return ended
