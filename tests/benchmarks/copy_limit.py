"""`make bench-copy`: how fast PostgreSQL takes the rows of the road, by COPY, and what each key and index costs.

The road records people for the first time. Exactly the rows that it wrote are written again in the same transactions:
into the schema as it is, and into copies of it that lack foreign keys, isolation triggers or indexes.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.benchmarks.catalogue import Catalogue, read_catalogue
from tests.benchmarks.copy_tables import Found, report
from tests.benchmarks.copying import Compared, Copies
from tests.benchmarks.databases import connected
from tests.benchmarks.road_rows import RoadRows, take
from tests.benchmarks.variants import AS_IT_IS, PARTS, Variant, trial, variants
from tests.postgres import PostgresServer

BASE_EVERY = 4  # after so many variants comes the schema as it is, with which they are compared


def main() -> int:
    """Run the command line; gives the exit status."""
    options = _options()
    server = PostgresServer()
    try:
        url = server.new_database()
        with road(url, options.people, refresh=True) as marks:
            catalogue, rows = taken(url, marks)
            copies = Copies(url, catalogue, rows)
        scans = _scans(url)
        chosen = [one for one in variants(catalogue, rows.written, options.people) if one.part in options.part]
        runs = measure(copies, [*chosen, *map(trial, options.trial)], options.repeat)
    finally:
        server.stop()
    print(report(Found(catalogue, rows, scans, options.people), runs))
    return 0


@contextmanager
def road(url: str, people: int, *, refresh: bool = False) -> Iterator[list[int]]:
    """Let people be recorded; gives the marks between the transactions. May refresh them at the end of the block."""
    command = [sys.executable, "-m", "tests.benchmarks.copied_road", "--people", str(people)]
    # As in a large store: in small tables the planner uses no index, and none would be seen to serve.
    planner = {"PGOPTIONS": "-c enable_seqscan=off"}
    environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR", **planner}
    _say(f"Recording {people:,} people …")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        told = process.stdout.readline() if process.stdout else ""
        if not told:
            sys.exit("The road failed.")
        yield json.loads(told)
        if refresh:
            _say("Refreshing them …")
        process.communicate("go\n" if refresh else "")
    if process.returncode:
        sys.exit("The refresh failed.")


def measure(copies: Copies, chosen: list[Variant], repeat: int) -> dict[Variant, list[Compared]]:
    """Measure each variant as often as asked, one after the other, and between them the schema as it is."""
    runs: dict[Variant, list[Compared]] = {AS_IT_IS: []}
    others = [variant for variant in chosen if variant != AS_IT_IS]
    for turn in range(repeat):
        _say(f"Round {turn + 1} of {repeat}: {len(others)} variants …")
        for place, variant in enumerate(others if turn % 2 == 0 else others[::-1]):
            if place % BASE_EVERY == 0:
                base = copies.measure(AS_IT_IS)
                runs[AS_IT_IS].append(Compared(base, base))
            runs.setdefault(variant, []).append(Compared(copies.measure(variant), base))
    return runs


def taken(url: str, marks: list[int]) -> tuple[Catalogue, RoadRows]:
    """Take the schema and the rows of a road out of its database."""
    with closing(connected(url)) as connection:
        with connection.cursor() as cursor:
            catalogue = read_catalogue(cursor)
            rows = take(cursor, catalogue, marks)
        connection.commit()
    return catalogue, rows


def _scans(url: str) -> dict[str, int]:
    """Give how often each index was searched since its database was made."""
    with closing(connected(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT indexrelname::text, idx_scan FROM pg_stat_user_indexes")
        return dict(cursor.fetchall())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.copy_limit", description=__doc__)
    parser.add_argument("--people", type=int, default=1000, help="people whose rows are written (1000)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median is told (3)")
    parser.add_argument("--part", action="append", choices=PARTS, help="these variants alone; may be repeated")
    parser.add_argument("--trial", action="append", default=[], help="one more variant, as NAME: SQL; may be repeated")
    options = parser.parse_args()
    options.part = options.part or PARTS
    return options


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
