"""Fills the database of `make bench-scale`: a believable store of many businesses, with years of history.

Of fifty businesses the largest owns 60 % of the IDs, and 300 apps and Pages; the others have five or ten. A person has
two to five IDs, seldom 40, one has 300. Half of the people have a name. Nine tenths were asked about again within the
last month. A business uses some of its apps and Pages much more than others; a person's IDs are in some that stand
side by side in that order.
"""

from dataclasses import replace

from django.db import connection
from django.utils import timezone

from tests.benchmarks import scale_people, scale_rows
from tests.benchmarks.databases import stored_bytes
from tests.benchmarks.filling import Cursor, in_bulk
from tests.benchmarks.scale_estate import make_estates
from tests.benchmarks.scale_names import ONLY_ONE, numbered, spelt
from tests.benchmarks.scale_people import Measures

TABLES = [
    f"lookups_{name}"
    for name in (
        "person", "scopedid", "lookup", "answer", "match", "matchevent", "personevent", "movedid", "profile",
        "conflict", "decision", "run", "listrow", "listfile", "freshnesscount",
    )
]  # fmt: skip


def fill_store(ids: int) -> dict[str, int]:
    """Store so many scoped IDs, or a few less; gives how many people there are, and what a person takes."""
    measures = Measures(ids, timezone.now())
    make_estates(measures.now)
    with in_bulk(TABLES) as cursor:
        people = _draw(cursor, measures)
        _store_names(cursor)
        rows = scale_rows
        for statement in (*rows.PEOPLE, *rows.LOOKUPS, *rows.MATCHES, *rows.CONFLICTS, *rows.LISTS):
            cursor.execute(statement.format(**people.fields()))
        cursor.execute("DISCARD TEMP")
    with connection.cursor() as cursor:
        return {"people": people.people, "bytes": stored_bytes(cursor)}


def _draw(cursor: Cursor, measures: Measures) -> Measures:
    """Make the temporary tables; gives the measures with what came of the dice."""
    for statement in (*scale_people.FUNCTIONS, scale_people.ESTATE, scale_people.DRAWN):
        cursor.execute(statement.format(**measures.fields()) if "{" in statement else statement)
    cursor.execute("SELECT max(n) FROM drawn")
    (people,) = cursor.fetchone()
    drawn = replace(measures, people=people)
    cursor.execute(scale_people.PERSON.format(**drawn.fields()))
    cursor.execute("ANALYZE estate, person")
    cursor.execute("SELECT sum(asked - 1) FROM person")
    (more,) = cursor.fetchone()
    whole = replace(drawn, more=more)
    for statement in (scale_people.QUARTER, *scale_people.ASKING):
        cursor.execute(statement.format(**whole.fields()))
    cursor.execute("ANALYZE asking")
    return whole


def _store_names(cursor: Cursor) -> None:
    names = list(numbered())
    columns = {column: [spelt(name)[column] for _, name in names] for column in spelt(ONLY_ONE)}
    arrays = ", ".join(["%s::bigint[]", *("%s::text[]" for _ in columns)])
    called = ", ".join(["number", *columns])
    numbers = [number for number, _ in names]
    cursor.execute(
        f"CREATE TEMP TABLE spelling AS SELECT * FROM unnest({arrays}) AS s({called})", [numbers, *columns.values()]
    )
