"""Reads what the script has stored, to be compared with the truth."""

import json
from collections import defaultdict
from typing import Any

from tests.benchmarks.peer.grouping import Scoped
from tests.benchmarks.questions import links_in, rows_in
from tests.benchmarks.stored import Stored


def stored_by_peer(cursor: Any) -> Stored:
    """Read all tables by a cursor of any database."""
    ids = {key: (asset, value) for key, asset, value in _rows(cursor, "SELECT id, asset, value FROM peer_scopedid")}
    people: dict[int, set[Scoped]] = defaultdict(set)
    for key, person in _rows(cursor, "SELECT id, person_id FROM peer_scopedid"):
        people[person].add(ids[key])
    links = _rows(cursor, "SELECT source_id, target_id FROM peer_link")
    answers = _rows(cursor, "SELECT scoped_id_id, CAST(raw AS text) FROM peer_answer")
    seen = [_rows(cursor, f"SELECT first_seen, last_seen FROM peer_{table}") for table in ("scopedid", "link")]
    answered = _rows(cursor, "SELECT at, at FROM peer_answer")
    return Stored(
        people=[frozenset(held) for held in people.values()],
        links=[(ids[source], ids[target]) for source, target in links],
        answers=[(ids[key], links_in(rows_in(json.loads(raw)))) for key, raw in answers],
        seen=[one for rows in [*seen, answered] for pair in rows for one in pair],
    )


def _rows(cursor: Any, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return list(cursor.fetchall())
