"""A first look at a stored list: its columns, some rows, and guesses for the person who names the columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from businesses.models import Asset
from lookups.lists.imports.asset_names import AssetNames
from lookups.lists.imports.cells import Row
from lookups.lists.imports.encodings import NAMES
from lookups.lists.imports.first_look import first_rows_of
from lookups.lists.imports.sniffing import SEPARATORS, asset_column_in, header_in, id_column_in
from lookups.lists.imports.verdicts import HIDDEN, shown
from lookups.models import ListFile

SAMPLES = 20  # rows


@dataclass(frozen=True)
class Look:
    """The first rows of a list, and the guesses made from them. Columns are counted from 0.

    `hides`: a cell looks like an access token, so it is not shown.
    """

    columns: list[str]
    samples: list[list[str]]
    id_column: int | None
    asset_column: int | None
    asset: Asset | None
    has_header: bool
    notes: list[str] = field(default_factory=list)
    hides: bool = False


def look(list_file: ListFile, *, has_header: bool | None = None) -> Look:
    """Look at the first rows; `has_header` overrules the guess. Raises CannotRead."""
    rows, sheets = first_rows_of(list_file)
    cells = [row.cells for row in rows if not row.problem and any(cell.strip() for cell in row.cells)]
    header = list_file.has_header if has_header is None else has_header
    names, body = column_names(cells, has_header=header), cells[1:] if header else cells
    assets = AssetNames(list_file.business)
    asset_column = asset_column_in(body, len(names), assets) if len(names) > 1 else None
    id_column = id_column_in(body, names, asset_column)
    samples = [[shown(cell) for cell in row] for row in body[:SAMPLES]]
    return Look(
        columns=names,
        samples=samples,
        id_column=id_column,
        asset_column=asset_column,
        asset=None if asset_column is not None else _asset_meant(list_file.name, names, assets),
        has_header=header,
        notes=_notes(list_file, sheets),
        hides=any(HIDDEN in cell for row in [names, *samples] for cell in row),
    )


def guess_header(rows: Sequence[Row]) -> bool:
    """Tell whether a list begins with the names of its columns."""
    return header_in([row.cells for row in rows if any(cell.strip() for cell in row.cells)])


def column_names(rows: Sequence[Sequence[str]], *, has_header: bool) -> list[str]:
    """Give a name for each column: from the header, else by its number."""
    width = max((_width(row) for row in (rows[:1] if has_header else rows)), default=1)
    header = rows[0] if has_header and rows else ()
    named = [shown(" ".join(cell.split())) for cell in header[:width]] + [""] * (width - len(header))
    return [name or f"Column {number}" for number, name in enumerate(named, start=1)]


def _width(row: Sequence[str]) -> int:
    """Count the columns up to the last field with content: spreadsheets leave empty fields at the end."""
    return max((number for number, cell in enumerate(row, start=1) if cell.strip()), default=1)


def _asset_meant(name: str, columns: list[str], assets: AssetNames) -> Asset | None:
    """Guess the app or Page of a whole list: the business's only one, or the one in the list's name or header."""
    return assets.sole() or assets.named_in(re.findall(r"[0-9]+", name)) or assets.named_in([name, *columns])


def _notes(list_file: ListFile, sheets: Sequence[str]) -> list[str]:
    if list_file.kind == ListFile.Kind.CSV:
        separator = SEPARATORS[list_file.separator]
        return [f"Read as {NAMES[list_file.encoding]}. Separator: {separator}."]
    if len(sheets) > 1:
        return [f"Only the first visible sheet, “{sheets[0]}”, is read; the workbook has {len(sheets)}."]
    return []
