"""Puts the figures of `make bench-copy` into tables: variants, tables, foreign keys, indexes."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.catalogue import Catalogue, Index
from tests.benchmarks.copying import Compared, Copied
from tests.benchmarks.road_rows import RoadRows
from tests.benchmarks.table import aligned, place
from tests.benchmarks.variants import AS_IT_IS, INDEXES, KEYS, MAIN, Variant, without_index

Runs = dict[Variant, list[Compared]]
MAIN_HEADS = ["Schema", "People per second", "COPY", "COMMIT", "Server's CPU", "Bytes"]
SAVED_HEADS = ["Foreign keys left out", "Checks", "COMMIT saved", "Server's CPU saved"]
TABLE_HEADS = ["Table", "Rows", "COPY", "Heap", "Indexes"]
INDEX_HEADS = ["Table", "Index", "Bytes", "Server's CPU saved", "Scans", "Note"]
NOTES = """\
All but people per second is a person's: rows, bytes, and ms of time. People per second are told by the clock; COPY and
COMMIT are the clock's, too. Server's CPU is the processor time of the server process that wrote. Bytes are those by
which tables and indexes grew; a variant's tables and indexes are as large as those of the schema as it is, but for what
it lacks. Saved is the difference to the schema as it is, each run compared with one of that schema shortly before it;
on a busy machine, what an index is said to save is noise: its bytes are not.
A check is a foreign key of a row that names another row. A row that the road wrote several times is written once, as
it was in the end. Scans are those of the road, its checks of foreign keys, and a refresh of the same people: an index
without scans may serve a page, a filter, or the deleting of what it refers to. "Repeats" names an index that finds
equal values as well."""


@dataclass(frozen=True)
class Found:
    """What was measured: a schema, the rows of a road of so many people, how often it searched each index."""

    catalogue: Catalogue
    rows: RoadRows
    scans: dict[str, int]
    people: int


def report(found: Found, runs: Runs) -> str:
    """Give all tables for what was measured."""
    parts = {variant.part for variant in runs}
    tables = [
        *main_tables(found, runs),
        key_table(found, runs) if KEYS in parts else "",
        index_table(found, runs),
    ]
    return "\n\n".join(one for one in (_head(found, runs), *tables, NOTES) if one)


def _head(found: Found, runs: Runs) -> str:
    base = runs_of(runs, AS_IT_IS)
    rates = [found.people / run.wall for run in base]
    costs = [_ms(run.server, found) for run in base]
    repeat = max(len(told) for variant, told in runs.items() if variant != AS_IT_IS) if len(runs) > 1 else len(base)
    rows = sum(found.rows.written.values()) / found.people
    told = [
        f"{place()}; load {os.getloadavg()[0]:.1f} at the end",
        f"{found.people:,} people, {rows:.2f} rows a person, in {len(found.rows.turns)} transactions",
        f"Medians of {repeat} runs; of {len(base)} for the schema as it is, which spread from {min(rates):,.0f} to "
        f"{max(rates):,.0f} people per second, from {min(costs):.3f} to {max(costs):.3f} ms of the server's CPU",
    ]
    if found.rows.unguarded:
        told.append(
            f"Without isolation triggers in every variant, since their rows and others refer to each other: "
            f"{', '.join(found.rows.unguarded)}"
        )
    return "\n".join(told)


def main_tables(found: Found, runs: Runs) -> list[str]:
    """Give the table of schemas, and that of the schema as it is by its tables."""
    rows = [_main_row(found, variant, runs_of(runs, variant)) for variant in runs if variant.part == MAIN]
    by_table = _by_table(found, runs_of(runs, AS_IT_IS))
    return [aligned(MAIN_HEADS, rows, left=(0,)), aligned(TABLE_HEADS, by_table, left=(0,))]


def runs_of(runs: Runs, variant: Variant) -> list[Copied]:
    """Give a variant's own runs."""
    return [compared.run for compared in runs[variant]]


def _main_row(found: Found, variant: Variant, runs: list[Copied]) -> list[str]:
    return [
        variant.name,
        f"{median(found.people / run.wall for run in runs):,.0f}",
        _shown(median(_ms(sum(run.copy.values()), found) for run in runs)),
        _shown(median(_ms(run.commit, found) for run in runs)),
        _shown(median(_ms(run.server, found) for run in runs)),
        f"{_bytes(runs[0].sizes.values(), found):,.0f}",  # the same in each run
    ]


def _by_table(found: Found, base: list[Copied]) -> list[list[str]]:
    rows = []
    for table, written in found.rows.written.items():
        indexes = [base[0].sizes[index.name] for index in found.catalogue.indexes if index.table == table]
        copy = median(_ms(run.copy.get(table, 0.0), found) for run in base)
        rows.append(
            [
                table,
                f"{written / found.people:.2f}",
                _shown(copy),
                f"{_bytes([base[0].sizes[table]], found):,.0f}",
                f"{_bytes(indexes, found):,.0f}",
            ]
        )
    return rows


def key_table(found: Found, runs: Runs) -> str:
    """Give what leaving out foreign keys saves: those of one table, or to one."""
    checks = {key.drop: found.rows.checks[key.name] for key in found.catalogue.foreign_keys}
    rows = [
        [
            variant.name,
            f"{sum(checks[drop] for drop in variant.statements) / found.people:.2f}",
            _shown(saved(runs, variant, lambda run: _ms(run.commit, found))),
            _shown(saved(runs, variant, lambda run: _ms(run.server, found))),
        ]
        for variant in runs
        if variant.part == KEYS
    ]
    return aligned(SAVED_HEADS, rows, left=(0,))


def index_table(found: Found, runs: Runs) -> str:
    """Give what each index takes and, where that was measured, what leaving it out saves."""
    groups = {variant.name.removeprefix("all of "): variant for variant in runs if variant.part == INDEXES}
    rows = []
    for table in found.rows.written:
        indexes = [index for index in found.catalogue.indexes if index.table == table]
        if table in groups:
            rows.append([table, "all but keys", "", _cpu_saved(found, runs, groups[table]), "", ""])
        rows += [_index_row(found, runs, index) for index in indexes]
    return aligned(INDEX_HEADS, rows, left=(0, 1, 5))


def _index_row(found: Found, runs: Runs, index: Index) -> list[str]:
    longer = [other.name for other in found.catalogue.indexes if index.repeats(other)]
    note = "key" if index.is_key else "unique" if index.is_unique else f"repeats {longer[0]}" if longer else ""
    size = _bytes([runs[AS_IT_IS][0].run.sizes[index.name]], found)
    cost = _cpu_saved(found, runs, without_index(index))
    return [index.table, index.name, f"{size:,.0f}", cost, f"{found.scans.get(index.name, 0):,}", note]


def _cpu_saved(found: Found, runs: Runs, variant: Variant) -> str:
    return _shown(saved(runs, variant, lambda run: _ms(run.server, found))) if variant in runs else ""


def saved(runs: Runs, variant: Variant, figure: Callable[[Copied], float]) -> float:
    """Give what a variant saves of a figure's median in the schema as it is.

    Each run is compared with one shortly before it: a machine that is busy with something else slows down both.
    """
    left = median(figure(compared.run) / figure(compared.base) for compared in runs[variant])
    return median(map(figure, runs_of(runs, AS_IT_IS))) * (1 - left)


def _ms(seconds: float, found: Found) -> float:
    return 1000 * seconds / found.people


def _bytes(sizes: Iterable[int], found: Found) -> float:
    return sum(sizes) / found.people


def _shown(ms: float) -> str:
    return f"{ms:.3f}"
