"""Takes the rows that a road wrote out of its database, with the transaction that each was written in.

A row that was written several times is taken as it was in the end, in the transaction that wrote it last, or in an
earlier one in which another row referred to it already. Turn 0 is what was there before.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from tests.benchmarks.catalogue import Catalogue, ForeignKey

Turn = dict[str, bytes]  # the rows of each table, as COPY reads them


@dataclass(frozen=True)
class RoadRows:
    """What was there before, what each transaction wrote, and how many rows these were in all, by table.

    The tables of each turn are in an order in which rows follow those that they refer to; where that can't be,
    `unguarded` come first all the same.
    """

    given: Turn
    turns: list[Turn]
    written: dict[str, int]
    checks: dict[str, int]  # by foreign key: how often it names a row
    unguarded: tuple[str, ...]


def take(cursor: Cursor, catalogue: Catalogue, marks: Sequence[int]) -> RoadRows:
    """Take the rows; `marks` are numbers of transactions: one before the first turn, one after each."""
    _place(cursor, catalogue, marks)
    written, checks = _count(cursor, catalogue)
    order, unguarded = in_order(written, catalogue.foreign_keys)
    given = _turn(cursor, catalogue, catalogue.columns, 0)
    turns = [_turn(cursor, catalogue, order, turn) for turn in range(1, len(marks))]
    cursor.execute("DROP SCHEMA placed CASCADE")
    return RoadRows(given, [turn for turn in turns if turn], written, checks, unguarded)


def _place(cursor: Cursor, catalogue: Catalogue, marks: Sequence[int]) -> None:
    """Copy every table beside it with each row's turn, as the hidden column xmin tells it."""
    cursor.execute("CREATE SCHEMA placed")
    for table in catalogue.columns:
        # The last mark begins no turn: nothing was written after it.
        cursor.execute(
            f'CREATE TABLE placed."{table}" AS SELECT width_bucket(xmin::text::bigint, %s::bigint[]) AS turn, '
            f'ctid AS place, * FROM "{table}"',
            [list(marks[:-1])],
        )
    while sum(_advance(cursor, key) for key in catalogue.foreign_keys):
        pass


def _advance(cursor: Cursor, key: ForeignKey) -> int:
    """Move rows to the turn in which another row first refers to them; gives how many were moved."""
    same = " AND ".join(
        f'o."{there}" = r."{here}"' for here, there in zip(key.columns, key.target_columns, strict=True)
    )
    columns = ", ".join(f'"{column}"' for column in key.columns)
    cursor.execute(
        f'UPDATE placed."{key.target}" o SET turn = r.turn FROM (SELECT min(turn) AS turn, {columns} '
        f'FROM placed."{key.table}" GROUP BY {columns}) r WHERE {same} AND r.turn < o.turn'
    )
    return int(cursor.rowcount)


def _count(cursor: Cursor, catalogue: Catalogue) -> tuple[dict[str, int], dict[str, int]]:
    def count(table: str, where: str) -> int:
        cursor.execute(f'SELECT count(*) FROM placed."{table}" WHERE turn > 0 {where}')
        return int(cursor.fetchone()[0])

    written = {table: rows for table in catalogue.columns if (rows := count(table, ""))}
    filled = {key: "".join(f' AND "{column}" IS NOT NULL' for column in key.columns) for key in catalogue.foreign_keys}
    return written, {key.name: count(key.table, where) for key, where in filled.items()}


def _turn(cursor: Cursor, catalogue: Catalogue, tables: Iterable[str], turn: int) -> Turn:
    """Give a turn's rows in the order in which they lie."""
    told = {}
    for table in tables:
        columns, rows = ", ".join(f'"{column}"' for column in catalogue.columns[table]), io.BytesIO()
        chosen = f'SELECT {columns} FROM placed."{table}" WHERE turn = {turn} ORDER BY place'
        cursor.copy_expert(f"COPY ({chosen}) TO STDOUT", rows)
        told[table] = rows.getvalue()
    return {table: rows for table, rows in told.items() if rows}


def in_order(written: dict[str, int], keys: Iterable[ForeignKey]) -> tuple[list[str], tuple[str, ...]]:
    """Give the tables that were written to, each after those it refers to, and those that can't wait for that.

    In a circle the one with the fewest rows, then the fewest references goes first.
    """
    targets = {table: {key.target for key in keys if key.table == table} & written.keys() for table in written}
    order: list[str] = []
    early: list[str] = []
    while left := sorted(targets.keys() - set(order)):
        wanted = {table: targets[table] - set(order) - {table} for table in left}
        free = [table for table in left if not wanted[table]]
        if not free:
            circle = [table for table in left if table in _reached(table, wanted)]
            free = [min(circle, key=lambda table: (written[table], len(targets[table])))]
            early += free
        order += free
    return order, tuple(early)


def _reached(table: str, targets: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = set(targets[table])
    while ahead - reached:
        reached |= ahead
        ahead = {one for name in reached for one in targets[name]}
    return reached
