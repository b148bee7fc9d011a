"""Writes by psycopg2's `execute_values` with ON CONFLICT, into the same tables."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json, execute_values

from tests.benchmarks.peer.grouping import Scoped
from tests.benchmarks.peer.storing import Store

_A_STATEMENT = 5000  # rows: all of a batch


class ValuesStore(Store):
    """The way of each step by statements of our own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def transaction(self) -> AbstractContextManager[object]:
        """Commit at the end of the block."""
        return self._connection

    def known(self, ids: Iterable[Scoped]) -> dict[Scoped, int]:
        """Give the persons of those IDs that are stored."""
        self._cursor.execute(
            "SELECT asset, value, person_id FROM peer_scopedid WHERE (asset, value) IN %s", [tuple(ids)]
        )
        return {(asset, value): person for asset, value, person in self._cursor.fetchall()}

    def make_people(self, count: int, at: datetime) -> list[int]:
        """Store so many persons; gives their keys."""
        made = self._put("peer_person (first_seen) VALUES %s RETURNING id", [(at,)] * count)
        return [key for (key,) in made]

    def merge(self, old: int, new: int) -> None:
        """Give all IDs of a person to another."""
        self._cursor.execute("UPDATE peer_scopedid SET person_id = %s WHERE person_id = %s", [new, old])
        self._cursor.execute("DELETE FROM peer_person WHERE id = %s", [old])

    def put_ids(self, people: Mapping[Scoped, int], at: datetime) -> dict[Scoped, int]:
        """Store IDs with their persons, or that they were seen again; gives their keys."""
        stored = self._put(
            "peer_scopedid (asset, value, person_id, first_seen, last_seen) VALUES %s "
            "ON CONFLICT (asset, value) DO UPDATE SET last_seen = EXCLUDED.last_seen RETURNING asset, value, id",
            [(*one, person, at, at) for one, person in people.items()],
        )
        return {(asset, value): key for asset, value, key in stored}

    def put_links(self, links: Iterable[tuple[int, int]], at: datetime) -> None:
        """Store links between keys of IDs, or that they were seen again."""
        self._put(
            "peer_link (source_id, target_id, first_seen, last_seen) VALUES %s "
            "ON CONFLICT (source_id, target_id) DO UPDATE SET last_seen = EXCLUDED.last_seen RETURNING id",
            [(*link, at, at) for link in links],
        )

    def put_answers(self, answers: Iterable[tuple[int, dict]], at: datetime) -> None:
        """Store raw answers about keys of IDs."""
        rows = [(key, at, Json(raw)) for key, raw in answers]
        self._put("peer_answer (scoped_id_id, at, raw) VALUES %s RETURNING id", rows)

    def _put(self, into: str, rows: list[tuple]) -> list[tuple]:
        if not rows:
            return []
        told: list[tuple] = execute_values(
            self._cursor, f"INSERT INTO {into}", rows, page_size=_A_STATEMENT, fetch=True
        )
        return told
