"""Puts figures into words: one table, and how many times faster idlink is than the best other way."""

import os
import platform
from importlib.metadata import version
from statistics import median

from tests.benchmarks.ways import Way

Results = dict[tuple[int, Way], dict[str, float]]
HEADS = ["Latency", "Way", "People", "People per second", "Requests per person", "Sandbox's CPU", "Client CPU a person"]
NOTES = """\
Latency is waited by the sandbox before each HTTP answer. Sandbox's CPU is its share of one processor during the run:
near 100 % the sandbox is the limit, not the client. Client CPU is that of the client's process alone, without a
database server's. Each figure is the median of {repeat}."""


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """Give each figure's median."""
    return {name: median(run[name] for run in runs) for name in runs[0]}


def table(results: Results) -> str:
    """Give the figures as a table in Markdown."""
    return aligned(HEADS, [_row(latency, way, figures) for (latency, way), figures in results.items()])


def aligned(heads: list[str], rows: list[list[str]], left: tuple[int, ...] = (1,)) -> str:
    """Give a table in Markdown; its columns are aligned to the right but for those on the `left`."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * width if place in left else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join(_line(cells, widths, left) for cells in [heads, rule, *rows])


def _row(latency: int, way: Way, figures: dict[str, float]) -> list[str]:
    return [
        f"{latency} ms",
        way.shown,
        f"{figures['people']:,.0f}",
        _rate(figures["people_per_second"]),
        f"{figures['requests_per_person']:.3f}",
        f"{figures['sandbox_percent']:.0f} %",
        f"{figures['client_ms_per_person']:.2f} ms",
    ]


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"


def _line(cells: list[str], widths: list[int], left: tuple[int, ...]) -> str:
    sides = [
        cell.ljust(width) if place in left else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(sides)} |"


def ratios(results: Results) -> str:
    """Say for each of idlink's rows how many times the people per second of the best other way it has."""
    lines = []
    for latency in dict.fromkeys(latency for latency, _ in results):
        rates = {way: told["people_per_second"] for (at, way), told in results.items() if at == latency}
        best = max((way for way in rates if not way.is_idlink), key=rates.__getitem__, default=None)
        if best:
            lines += [
                f"{latency} ms: {way.shown}: {rate / rates[best]:.2f} times {best.shown}"
                for way, rate in rates.items()
                if way.is_idlink
            ]
    return "\n".join(lines)


def place() -> str:
    """Say where and with what this was measured."""
    names = ("facebook-business", "python-facebook-api", "requests", "Django")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}; {versions}"
