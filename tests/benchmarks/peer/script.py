"""Runs the script, on the empty database that DATABASE_URL names: `orm` or `values`."""

import os
from contextlib import closing
from datetime import UTC, datetime

import django
import environ
from django.conf import settings

settings.configure(
    DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["tests.benchmarks.peer"],
    USE_TZ=True,
)
django.setup()

from django.db import connection  # noqa: E402  (after the settings)

from tests.benchmarks.databases import connected, stored_bytes  # noqa: E402
from tests.benchmarks.measuring import measured, order, report  # noqa: E402
from tests.benchmarks.peer.models import make_tables  # noqa: E402
from tests.benchmarks.peer.orm import OrmStore  # noqa: E402
from tests.benchmarks.peer.reading import stored_by_peer  # noqa: E402
from tests.benchmarks.peer.storing import Store, Told  # noqa: E402
from tests.benchmarks.peer.values import ValuesStore  # noqa: E402
from tests.benchmarks.pyfacebook_ids import Asker, Nodes  # noqa: E402
from tests.benchmarks.questions import Group, groups_of, in_threads, links_in, rows_in, truths_of_one  # noqa: E402
from tests.benchmarks.stored import check_stored  # noqa: E402


def ask_and_store(groups: list[Group], url: str, threads: int, store: Store) -> None:
    """Ask about all and store what is told; answers come in threads and are stored in this one."""
    asker = Asker(groups, url, threads)

    def ask(group: Group, values: tuple[str, ...]) -> tuple[Nodes, datetime]:
        return asker.ask(group, values), datetime.now(UTC)

    for group, (nodes, at) in in_threads(threads, groups, ask):
        store.store([told(group.scope, value, node) for value, node in nodes.items()], at)


def told(scope: str, value: str, node: dict) -> Told:
    """Read a node."""
    asked = (scope, value)
    return Told(asked, node, links_in(rows_in(node)) | {asked})


def main() -> None:
    """Measure it."""
    given = order("orm", "values")
    expected = truths_of_one(given.people)
    groups = groups_of(expected)
    make_tables(connection)
    begun = datetime.now(UTC)
    with closing(connected(os.environ["DATABASE_URL"])) as direct, direct.cursor() as cursor:
        store: Store = OrmStore() if given.way == "orm" else ValuesStore(direct)
        before = stored_bytes(cursor)
        direct.commit()
        _, figures = measured(lambda: ask_and_store(groups, given.url, given.threads, store), given)
        check_stored(stored_by_peer(cursor), expected, begun)
        figures["bytes"] = (stored_bytes(cursor) - before) / given.people
    report(figures)


if __name__ == "__main__":
    main()
