"""How many times one way's figure another's is. Ways of one round are compared; the median of the rounds is told."""

from collections.abc import Callable, Iterator
from statistics import median

from tests.benchmarks.ways import THREADS, WAYS, Way

Figures = dict[str, float]
Runs = dict[tuple[int, Way], list[Figures]]  # by latency and way; what asks nobody has the latency 0
BY_NAME = {way.name: way for way in WAYS}


def _rate(told: Figures) -> float:
    return told["people_per_second"]


def _cost(told: Figures) -> float:
    return told["client_ms"] + told["server_ms"]


def _server_cost(told: Figures) -> float:
    return told["server_ms"]


RATE, COST, SERVER_COST = "people per second", "processor time", "the database server's processor time"
_OF: dict[str, Callable[[Figures], float]] = {RATE: _rate, COST: _cost, SERVER_COST: _server_cost}
_COMPARED = [
    *((RATE, "road-2", other) for other in ("orm", "values", "copy", "road-1")),
    (RATE, "sqlite-2", "road-2"),
    *((COST, "road-2", other) for other in ("orm", "values")),
    (SERVER_COST, "road-2", "copy"),
    *((RATE, f"fetch-{at_once}", f"{other}-{at_once}") for at_once in THREADS for other in ("ids", "batches")),
    *((COST, f"fetch-{at_once}", f"{other}-{at_once}") for at_once in THREADS for other in ("ids", "batches")),
    (RATE, "fetch-16", "ids-1"),
]


def ratios(runs: Runs) -> list[tuple[str, str, str, dict[int, float]]]:
    """Give what is compared, of which two ways, and the ratio at each latency at which both were measured."""
    rows = []
    for figure, one, other in _COMPARED:
        ours, theirs = BY_NAME[one], BY_NAME[other]
        by_latency = {
            latency: median(_OF[figure](told) / _OF[figure](with_it) for told, with_it in compared)
            for latency, compared in _pairs(runs, ours, theirs)
        }
        if by_latency:
            rows.append((figure, ours.shown, theirs.shown, by_latency))
    return rows


def _pairs(runs: Runs, ours: Way, theirs: Way) -> Iterator[tuple[int, list[tuple[Figures, Figures]]]]:
    """Give the figures of two ways round by round, at each latency at which both were measured."""
    for (latency, way), told in runs.items():
        other = runs.get((latency if theirs.command else 0, theirs))
        if way == ours and other:
            yield latency, list(zip(told, other, strict=True))
