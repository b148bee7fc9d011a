"""`make bench-matching`: how many people a second are recorded and matched, with the answers at hand.

No HTTP: ready made answers go to `lookups.asking.recording.record` in batches of fifty, on PostgreSQL. What grows
with the store shows when `--stored` names a larger one than 10,000 scoped IDs, which are always measured.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass

from tests.benchmarks.table import aligned, place
from tests.postgres import PostgresServer

SMALL = 10_000
WORKER = [sys.executable, "-m", "tests.benchmarks.matching_worker"]
HEADS = [
    "Stored IDs", "What", "Workers", "People per second", "Worker's CPU a person", "Database's CPU a person",
    "Queries a batch",
]  # fmt: skip
NOTES = """\
People per second are those of all workers together. Workers of one business take turns at its row, which is locked
while a batch is recorded; workers of two businesses don't wait for each other. CPU is processor time; the database's
is that of the server processes which serve the workers."""


@dataclass(frozen=True)
class Case:
    """What is measured: people never seen or stored already, by one worker on each of these businesses' people."""

    sight: str
    businesses: tuple[str, ...]

    @property
    def workers(self) -> str:
        """How many workers, and whether they are in each other's way."""
        if len(self.businesses) == 1:
            return "1"
        return f"{len(self.businesses)}, of {'one business' if len(set(self.businesses)) == 1 else 'two businesses'}"


# Who is stored already comes first: people seen for the first time are stored afterwards.
CASES = [
    Case(sight, businesses)
    for sight in ("again", "first")
    for businesses in (("Acme",), ("Acme", "Acme"), ("Acme", "Other"))
]
SHOWN = {"first": "first sight", "again": "refresh"}
Figures = dict[str, float]
Results = dict[tuple[int, Case], Figures]


def main() -> int:
    """Run the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.matching", description=__doc__)
    parser.add_argument("--people", type=int, default=1400, help="people of each worker (1400)")
    parser.add_argument("--stored", type=int, action="append", default=[], help="scoped IDs stored; may be repeated")
    options = parser.parse_args()
    server, results = PostgresServer(), {}
    try:
        for stored in sorted({SMALL, *options.stored}):
            results |= measure(server.new_database(), stored, options.people)
    finally:
        server.stop()
    print("\n\n".join(part for part in (place(), table(results), growth(results), NOTES) if part))
    return 0


def measure(database: str, stored: int, people: int) -> Results:
    """Fill a database and measure every case on it."""
    environment = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "WARNING"}
    print(f"Storing {stored:,} scoped IDs …", file=sys.stderr, flush=True)
    subprocess.run([*WORKER, "fill", "--stored", str(stored)], env=environment, check=True)
    results = {}
    for number, case in enumerate(CASES):
        results[stored, case] = told = _run(case, number, people, environment)
        line = "  ".join(f"{name} {figure:.2f}" for name, figure in told.items())
        print(f"{stored:,} stored: {SHOWN[case.sight]}, workers: {case.workers}: {line}", file=sys.stderr, flush=True)
    return results


def _run(case: Case, number: int, people: int, environment: dict[str, str]) -> Figures:
    """Start the workers, let them begin together when all are ready, and put their figures together."""
    started = []
    for turn, business in enumerate(case.businesses):
        part = turn if case.sight == "again" else 2 * number + turn  # the same can be refreshed in every case
        choice = ["--business", business, "--part", str(part), "--people", str(people)]
        command = [*WORKER, case.sight, *choice]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True))
    for worker in started:
        if not worker.stdout or worker.stdout.readline() != "ready\n":
            sys.exit("A worker did not get ready.")
    for worker in started:
        if worker.stdin:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    told = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in started]
    return {
        "rate": people * len(told) / max(one["wall"] for one in told),
        "cpu": 1000 * sum(one["cpu"] for one in told) / (people * len(told)),
        "database": 1000 * sum(one["database"] for one in told) / (people * len(told)),
        "queries": max(one["queries"] for one in told),
    }


def table(results: Results) -> str:
    """Give the figures as a table in Markdown."""
    rows = [
        [
            f"{stored:,}",
            SHOWN[case.sight],
            case.workers,
            f"{told['rate']:,.0f}",
            f"{told['cpu']:.2f} ms",
            f"{told['database']:.2f} ms",
            f"{told['queries']:.0f}",
        ]
        for (stored, case), told in results.items()
    ]
    return aligned(HEADS, rows, left=(1, 2))


def growth(results: Results) -> str:
    """Say by what factor the processor time of a person grows from the smallest to the largest store."""
    small, large = min(stored for stored, _ in results), max(stored for stored, _ in results)
    if small == large:
        return ""
    factors = {case: _cost(results[large, case]) / _cost(results[small, case]) for case in CASES}
    return f"With {large:,} stored IDs a person costs, in CPU, as a multiple of {small:,}:\n" + "\n".join(
        f"{SHOWN[case.sight]}, workers: {case.workers}: {factor:.2f}" for case, factor in factors.items()
    )


def _cost(told: Figures) -> float:
    return told["cpu"] + told["database"]


if __name__ == "__main__":
    sys.exit(main())
