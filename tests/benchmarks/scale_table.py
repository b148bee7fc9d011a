"""Puts what `make bench-scale` found into a table: a row a page, for the user for whom it took longest."""

import os
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.benchmarks.table import aligned, place

NOTES = """\
Server is processor time of Django's process and of all of PostgreSQL's; wall is by the clock, with what else this
machine did; kB are those of the answer, of a file those up to its first row. Each page was opened twice, and the second
time is told, but for pages that took over 15 s. A page that leads on (a search that finds one person) counts with the
page to which it leads."""


@dataclass(frozen=True)
class Opened:
    """What one opening of a page took. `failure` is empty if the page came."""

    server_ms: float
    wall_ms: float
    statements: int
    kilobytes: float
    failure: str = ""

    def told(self) -> dict[str, Any]:
        """Give it as JSON can hold it."""
        return asdict(self)


@dataclass
class Store:
    """A store of so many IDs, and what each page took, by page and by role."""

    ids: int
    people: int
    bytes: int
    seconds: float
    opened: dict[str, dict[str, Opened]] = field(default_factory=dict)

    def add(self, page: str, role: str, **told: Any) -> None:
        """Take in what a page took."""
        self.opened.setdefault(page, {})[role] = Opened(**told)

    def slowest(self, page: str) -> tuple[str, Opened]:
        """Give the role for which a page failed or took longest, and what it took."""
        return max(self.opened[page].items(), key=lambda item: (bool(item[1].failure), item[1].server_ms))

    @property
    def failures(self) -> list[str]:
        """Every page that did not come."""
        found = self.opened.items()
        return [f"{role}: {page}: {one.failure}" for page, roles in found for role, one in roles.items() if one.failure]


def head(stores: list[Store]) -> str:
    """Say when and where this was measured, and what was stored."""
    told = [f"{place()}; load {os.getloadavg()[0]:.1f} at the end"]
    for store in stores:
        size = store.bytes / store.people
        filled = f"filled in {store.seconds:,.0f} s"
        told.append(f"{store.ids:,} scoped IDs, {store.people:,} people, {size:,.0f} bytes a person, {filled}")
    return "\n".join(told)


def scale_table(stores: list[Store]) -> str:
    """Give a row a page, with the growth between the two largest stores, what failed, and what the figures mean."""
    *smaller, largest = stores
    heads = ["Page", "Slowest for", *(f"Server at {store.ids:,}" for store in stores)]
    heads += ["Growth"] if smaller else []
    heads += ["Wall", "Statements", "kB"]
    rows = [_row(page, stores) for page in largest.opened]
    failed = "\n".join(f"Failed: {one}" for store in stores for one in store.failures)
    return "\n\n".join(part for part in (aligned(heads, rows, left=(0, 1)), failed, NOTES) if part)


def _row(page: str, stores: list[Store]) -> list[str]:
    *smaller, largest = stores
    role, opened = largest.slowest(page)
    before = [store.slowest(page)[1] if page in store.opened else None for store in smaller]
    server = [_server(one) for one in (*before, opened)]
    growth = [_growth(before[-1], opened)] if before else []
    return [
        page,
        role,
        *server,
        *growth,
        f"{opened.wall_ms:,.0f} ms",
        f"{opened.statements}",
        f"{opened.kilobytes:,.0f}",
    ]


def _server(opened: Opened | None) -> str:
    if opened is None:
        return ""
    return opened.failure or f"{opened.server_ms:,.0f} ms"


def _growth(before: Opened | None, after: Opened) -> str:
    """Say how many times the time of the store before the largest it takes, and how much more."""
    if before is None or before.failure or after.failure:
        return ""
    return f"{after.server_ms / before.server_ms:.1f}x, {after.server_ms - before.server_ms:+,.0f} ms"
