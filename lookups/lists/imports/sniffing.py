"""Guesses a list's separator, header and columns from its first rows. People may correct the guesses."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from lookups.lists.imports.asset_names import AssetNames
from lookups.lists.imports.cells import OddCell
from lookups.lists.imports.csv_rows import csv_rows, row_detector
from lookups.lists.imports.lines import Line
from lookups.lists.imports.verdicts import Rejected, verdict_on

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "": "none: one ID a line"}
_LEAST_SHARE = 0.5
_LEAST_ALIKE = 0.3  # share of rows with the same number of fields
_HEADER_WORD = re.compile(r"(?<![a-z])(id|ids|asids?|psids?|uid|users?|apps?|pages?|scoped?)(?![a-z])", re.IGNORECASE)
_ID_NAMES = (
    re.compile(r"(?<![a-z])(asid|psid|scoped|uid)", re.IGNORECASE),
    re.compile(r"user", re.IGNORECASE),
    re.compile(r"(?<![a-z])ids?(?![a-z])", re.IGNORECASE),
)

Cells = Sequence[str]


def separator_of(lines: Sequence[Line]) -> str:
    """Give the separator that splits most rows into the same number of fields; empty if none does."""
    best, best_score = "", (0.0, 0)
    for separator in ",;\t|":
        found = csv_rows(iter(lines), separator, 0, row_detector(separator, None))
        counts = Counter(len(row.cells) for row in found if any(cell.strip() for cell in row.cells))
        width, rows = counts.most_common(1)[0] if counts else (1, 0)
        score = (rows / max(1, counts.total()), width)
        if width > 1 and score[0] >= _LEAST_ALIKE and score > best_score:
            best, best_score = separator, score
    return best


def header_in(rows: Sequence[Cells]) -> bool:
    """Tell whether the first row is a header: it holds no ID, but a known word, or names above IDs."""
    if not rows or any(_looks_like_id(cell) for cell in rows[0]):
        return False
    if any(_HEADER_WORD.search(cell) for cell in rows[0]):
        return True
    is_named = any(any(letter.isalpha() for letter in cell) for cell in rows[0])
    return is_named and any(isinstance(verdict_on(cell), str) for row in rows[1:] for cell in row)


def asset_column_in(rows: Sequence[Cells], width: int, assets: AssetNames) -> int | None:
    """Give the column in which most rows name an app or Page of the business."""
    shares = {column: _share(rows, column, lambda cell: not isinstance(assets.find(cell), Rejected))
              for column in range(width)}  # fmt: skip
    best = max(shares, key=lambda column: shares[column], default=None)
    return best if best is not None and shares[best] > _LEAST_SHARE else None


def id_column_in(rows: Sequence[Cells], names: Sequence[str], without: int | None) -> int | None:
    """Give the column with the most IDs; of several alike, the one with a fitting name, else the first."""
    columns = [column for column in range(len(names)) if column != without]

    def rank(column: int) -> tuple[float, int]:
        share = _share(rows, column, _looks_like_id)
        named = next((3 - place for place, words in enumerate(_ID_NAMES) if words.search(names[column])), 0)
        return round(share, 1) + named / 10, -column

    return max(columns, key=rank, default=None)


def _share(rows: Sequence[Cells], column: int, is_good: Callable[[str], bool]) -> float:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return sum(1 for cell in cells if is_good(cell)) / len(cells) if cells else 0.0


def _looks_like_id(cell: str) -> bool:
    """Tell whether a cell holds an ID, or what a spreadsheet has made of one."""
    verdict = verdict_on(cell)
    if isinstance(verdict, Rejected):
        return verdict.code in ("spreadsheet", "too_long") or (isinstance(cell, OddCell) and verdict.code != "formula")
    return True
