"""Writes the rows of a road by COPY, in its transactions, into a schema that lacks something, and measures that."""

import io
import itertools
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from tests.benchmarks.catalogue import Catalogue, Columns, read_catalogue
from tests.benchmarks.databases import split
from tests.benchmarks.measuring import cpu_seconds, parent_of
from tests.benchmarks.road_rows import RoadRows, Turn
from tests.benchmarks.variants import Variant

_SIZES = """SELECT c.relname::text, pg_relation_size(c.oid) FROM pg_class c
WHERE c.relkind IN ('r', 'i') AND c.relnamespace = current_schema()::regnamespace"""


@dataclass(frozen=True)
class Copied:
    """What writing all rows takes: seconds in all, by COPY into each table, by COMMIT and of processors.

    Of processors take the process that served us, the whole `machinery` of the server, and we, its `client`. The
    first transaction is left out and made up for by the others. `sizes` are the bytes by which each table and index
    grew.
    """

    wall: float
    copy: dict[str, float]
    commit: float
    server: float
    machinery: float
    client: float
    sizes: dict[str, int]


@dataclass(frozen=True)
class Compared:
    """A run of a variant, and that of the schema as it is which came shortly before it."""

    run: Copied
    base: Copied


class Copies:
    """Databases made from that of a road, with what was there before it alone."""

    def __init__(self, url: str, catalogue: Catalogue, rows: RoadRows) -> None:
        self._socket, self._road = split(url)
        self._catalogue, self._rows = catalogue, rows
        self._before = self._make(self._road)
        with self.connected(self._before) as connection, connection.cursor() as cursor:
            # Not deleted: statistics would stay behind that tell the planner how few rows there are.
            cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in catalogue.columns))
            cursor.execute("SET LOCAL session_replication_role = replica")
            write(cursor, rows.given)
            for table in rows.unguarded:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            connection.commit()

    def measure(self, variant: Variant) -> Copied:
        """Write the rows into a fresh copy; ends the benchmark if they are not all there then."""
        name = self._make(self._before)
        with self.connected(name) as connection, connection.cursor() as cursor:
            for statement in variant.statements:
                cursor.execute(statement)
            connection.commit()
            left = read_catalogue(cursor).columns
            copied = _copied(connection, [without(turn, self._catalogue.columns, left) for turn in self._rows.turns])
            self._check(cursor, left)
        self._order(f"DROP DATABASE {name}")
        return copied

    def _check(self, cursor: Cursor, left: Columns) -> None:
        for table, rows in self._rows.written.items():
            if table not in left:
                continue
            given = self._rows.given.get(table, b"").count(b"\n")
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            if (found := cursor.fetchone()[0] - given) != rows:
                raise SystemExit(f"{found} of {rows} rows were written to {table}")

    def _make(self, template: str) -> str:
        name = f"copy_{uuid.uuid4().hex[:12]}"
        self._order(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _order(self, statement: str) -> None:
        with self.connected("postgres") as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    @contextmanager
    def connected(self, name: str) -> Iterator[Connection]:
        """Connect to one of the server's databases for as long as the block lasts."""
        with closing(psycopg2.connect(host=self._socket, user="postgres", dbname=name)) as connection:
            yield connection


def write(cursor: Cursor, turn: Turn) -> dict[str, float]:
    """Write a turn's rows; gives how long each table took."""
    took = {}
    for table, rows in turn.items():
        start = time.perf_counter()
        cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(rows))
        took[table] = time.perf_counter() - start
    return took


def without(turn: Turn, columns: Columns, left: Columns) -> Turn:
    """Give a turn without the tables and columns that a schema has no more."""
    kept = {table: [name in left[table] for name in columns[table]] for table in turn if table in left}
    return {table: turn[table] if all(kept[table]) else _narrowed(turn[table], kept[table]) for table in kept}


def _narrowed(rows: bytes, kept: list[bool]) -> bytes:
    """Leave columns out of COPY's text: it writes tabs and ends of lines within values in another way."""
    lines = (itertools.compress(line.split(b"\t"), kept) for line in rows.splitlines())
    return b"".join(b"\t".join(line) + b"\n" for line in lines)


def _copied(connection: Connection, turns: list[Turn]) -> Copied:
    """Write all turns and measure all but the first, in which the process plans checks once and for all."""
    cursor, server = connection.cursor(), connection.info.backend_pid
    before = _sizes(cursor)
    write(cursor, turns[0])
    connection.commit()
    copy: dict[str, float] = defaultdict(float)
    commit, at_first, used, start = 0.0, _processors(server), processor_seconds(server), time.perf_counter()
    for turn in turns[1:]:
        for table, took in write(cursor, turn).items():
            copy[table] += took
        begun = time.perf_counter()
        connection.commit()
        commit += time.perf_counter() - begun
    wall, used = time.perf_counter() - start, processor_seconds(server) - used
    machinery, ours = (now - then for now, then in zip(_processors(server), at_first, strict=True))
    sizes = {name: size - before[name] for name, size in _sizes(cursor).items()}
    part = sum(map(lines, turns[1:])) / sum(map(lines, turns))
    by_table = {table: took / part for table, took in copy.items()}
    return Copied(wall / part, by_table, commit / part, used / part, machinery / part, ours / part, sizes)


def _processors(server: int) -> tuple[float, float]:
    """Give the processor time of the database server with all its processes, and of this process, so far."""
    return cpu_seconds(parent_of(server)), time.process_time()


def lines(turn: Turn) -> int:
    """How many rows a turn has."""
    return sum(rows.count(b"\n") for rows in turn.values())


def _sizes(cursor: Cursor) -> dict[str, int]:
    cursor.execute(_SIZES)
    return dict(cursor.fetchall())


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far: to the nanosecond where the kernel tells it, else to the tick."""
    told = Path(f"/proc/{pid}/schedstat")
    return int(told.read_text().split()[0]) / 10**9 if told.exists() else cpu_seconds(pid)
