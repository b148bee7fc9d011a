"""idlink's road with Celery: workers work off a list that was imported beforehand into DATABASE_URL's database."""

import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from lookups.lists import running
from lookups.models import Lane, Run
from lookups.tasks import wake
from tests.benchmarks.databases import stored_bytes
from tests.benchmarks.installation import stored_by_idlink
from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import truths_of_one
from tests.benchmarks.real_processes import workers
from tests.benchmarks.stored import check_stored

LOOK_AGAIN = 0.05  # seconds


def work_off(run: Run, processes: int) -> None:
    """Start the list; returns when it is done. Wakes each process, as the sweep does some seconds later."""
    running.start(run, by=None, now=datetime.now(UTC))
    for _ in range(processes):
        wake(Lane.BULK)
    while not Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists():
        time.sleep(LOOK_AGAIN)


def size() -> int:
    """Give how many bytes the database takes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return stored_bytes(cursor)
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths_of_one(given.people)
    run, before, begun = Run.objects.get(kind=Run.Kind.LIST), size(), datetime.now(UTC)
    with workers(Path(settings.VAR_DIR) / "logs", given.processes) as clients:
        clients += [given.redis] if given.redis else []
        _, figures = measured(lambda: work_off(run, given.processes), given, clients)
    check_stored(stored_by_idlink(), expected, begun)
    report({**figures, "bytes": (size() - before) / given.people})


if __name__ == "__main__":
    main()
