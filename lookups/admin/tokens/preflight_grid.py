"""The grid of a preflight as shown: a row per source, a column per target, and the one open cell."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator

from businesses.models import Asset
from lookups.tokens.obstacles import Colour
from lookups.tokens.preflight import PreflightCall, Readiness, call_between

ROWS, COLUMNS = 20, 10
MOST_COUNTED = 120  # apps and Pages; the number of cells is its square
_USE_CASES = {
    1: "the person's IDs in apps, asked with a PSID",
    2: "the person's IDs on Pages, asked with an ASID",
    3: "the person's IDs in apps, asked with an ASID",
    4: "the person's IDs on Pages, asked with a PSID",
}
_SIGNS = {Colour.GREEN: ("✓", "Ready"), Colour.AMBER: ("!", "Not sure"), Colour.RED: ("✕", "Can't")}


@dataclass(frozen=True)
class Mark:
    """A colour as shown, always with a sign and a word."""

    colour: str
    sign: str
    word: str


@dataclass(frozen=True)
class PreflightCell:
    """A cell of the grid, with its address."""

    call: PreflightCall
    mark: Mark
    key: str
    is_open: bool

    @property
    def about(self) -> str:
        """The guide's words for this lookup."""
        return _USE_CASES.get(self.call.use_case or 0, "")


@dataclass(frozen=True)
class PreflightRow:
    """A source, the mark of its own obstacles, and its cells."""

    source: Readiness
    mark: Mark
    cells: list[PreflightCell]


class PreflightGrid:
    """The shown part of a business's grid."""

    def __init__(self, query: Mapping[str, str], ready: Sequence[Readiness]) -> None:
        """`r` and `c` number the pages of rows and of columns."""
        self._rows = Paginator(ready, ROWS).get_page(query.get("r"))
        self._columns = Paginator(ready, COLUMNS).get_page(query.get("c"))
        self._opened = query.get("cell", "")
        self._kept = {"q": query.get("q", "").strip()[:100]}

    def context(self) -> dict[str, Any]:
        """Give the template's variables."""
        targets = list(self._columns)
        found = [(source, [call_between(source, target) for target in targets]) for source in self._rows]
        here = {**self._kept, "r": self._rows.number, "c": self._columns.number}
        return {
            **grid_context(found, [target.asset for target in targets], self._opened),
            "rows_page": self._rows,
            "columns_page": self._columns,
            "kept": urlencode(self._kept),
            "query": urlencode(here),
        }


def grid_context(
    found: Sequence[tuple[Readiness, Sequence[PreflightCall]]], columns: Sequence[Asset], opened: str
) -> dict[str, Any]:
    """Give rows and columns, and the open cell that `opened` names."""
    rows = [
        PreflightRow(source, _mark_of(source.colour), [_cell(call, opened) for call in calls])
        for source, calls in found
    ]
    chosen = next((one for row in rows for one in row.cells if one.is_open and not one.call.is_to_itself), None)
    return {"rows": rows, "columns": columns, "opened": chosen}


def cell_key(source: Asset, target: Asset) -> str:
    """Give the name of a cell in addresses."""
    return f"{source.pk},{target.pk}"


def counted(ready: Sequence[Readiness]) -> list[tuple[Mark, int]]:
    """Count the cells by colour; empty if there are too many to judge at every request."""
    if len(ready) > MOST_COUNTED:
        return []
    calls = (call_between(source, target) for source in ready for target in ready if source is not target)
    counts = Counter(call.colour for call in calls)
    return [(_mark_of(colour), counts[colour]) for colour in Colour]


def _cell(call: PreflightCall, opened: str) -> PreflightCell:
    key = cell_key(call.source, call.target)
    return PreflightCell(call, _mark_of(call.colour), key, key == opened)


def _mark_of(colour: Colour) -> Mark:
    return Mark(colour, *_SIGNS[colour])
