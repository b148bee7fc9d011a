"""`make bench-scale`: what each page of staff costs the server, with so many scoped IDs stored in PostgreSQL.

Every page is opened by a superuser, by an admin and by a plain member of the largest business, and by each of them
twice; the table tells of the second time of the one for whom it took longest.
"""

import argparse
import json
import os
import subprocess
import sys
import time

import tests.environment  # noqa: F401  (what migrating needs)
from tests.benchmarks.scale_table import Store, head, scale_table
from tests.postgres import PostgresServer

FEWEST_IDS, MOST_IDS = 2000, 30_000_000  # there is one of everything; keys of IDs stay below 2^25
WORKER = [sys.executable, "-m", "tests.benchmarks.scale_worker"]


def main() -> int:
    """Run the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks.scale", description=__doc__)
    parser.add_argument("--ids", type=_size, action="append", help="scoped IDs stored (100000); may be repeated")
    sizes = sorted(set(parser.parse_args().ids or [100_000]))
    stores, server = [], PostgresServer()
    try:
        for ids in sizes:
            database = server.migrated_database()
            stores.append(measured(database, ids))
            server.drop(database)
    finally:
        server.stop()
    print(f"{head(stores)}\n\n{scale_table(stores)}")
    return 0


def measured(database: str, ids: int, *how: str) -> Store:
    """Fill a database that has its tables and nothing else, and open all pages; `how` goes to who opens them."""
    environment = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "CRITICAL"}
    _say(f"Storing {ids:,} scoped IDs …")
    start = time.perf_counter()
    order = [*WORKER, "fill", "--ids", str(ids)]
    filled = json.loads(subprocess.run(order, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    store = Store(ids, filled["people"], filled["bytes"], time.perf_counter() - start)
    _say(f"Stored {store.people:,} people in {store.seconds:.0f} s")
    with subprocess.Popen([*WORKER, "open", *how], env=environment, stdout=subprocess.PIPE, text=True) as worker:
        for line in worker.stdout or ():
            told = json.loads(line)
            store.add(**told)
            _say("{server_ms:9,.0f} ms {statements:4} statements  {role}: {page} {failure}".format(**told))
    if worker.returncode:
        sys.exit(f"The process that opens pages ended with {worker.returncode}.")
    return store


def _size(text: str) -> int:
    ids = int(text)
    if not FEWEST_IDS <= ids <= MOST_IDS:
        raise argparse.ArgumentTypeError(f"from {FEWEST_IDS:,} to {MOST_IDS:,}")
    return ids


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
