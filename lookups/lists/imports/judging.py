"""Turns a row of a list into a row to store: an ID of an app or Page, or the reason for its rejection."""

from collections.abc import Iterable, Iterator

from lookups.lists.imports import limits
from lookups.lists.imports.asset_names import AssetNames
from lookups.lists.imports.cells import Row
from lookups.lists.imports.rows import NewRow
from lookups.lists.imports.verdicts import Rejected, shown, verdict_on
from lookups.models import ListFile, ListRow

_TODO, _REJECTED = str(ListRow.State.TODO), str(ListRow.State.REJECTED)
_LONGEST_NAME, _MOST_KNOWN = 200, 10_000  # only cells up to this length are remembered, and at most so many


class Judge:
    """Judges the rows of one list by the meaning of its columns."""

    def __init__(self, list_file: ListFile) -> None:
        self._id_column = list_file.id_column or 0
        self._asset_column = list_file.asset_column
        self._header_comes = list_file.has_header and list_file.line == 0
        self._width = len(list_file.columns) if list_file.kind == ListFile.Kind.CSV else limits.columns()
        self._names = AssetNames(list_file.business) if self._asset_column is not None else None
        self._asset_of_all = list_file.asset_id
        self._known: dict[str, int | Rejected] = {}

    def judge(self, rows: Iterable[Row]) -> Iterator[tuple[Row, NewRow | None]]:
        """Give each row with the row to store; None for the header."""
        for row in rows:
            if self._header_comes and any(cell.strip() for cell in row.cells):
                self._header_comes = False
                yield row, None
            else:
                yield row, self._judged(row)

    def _judged(self, row: Row) -> NewRow:
        cells = row.cells
        if problem := row.problem or self._shape_problem(cells):
            return self._rejected(row, problem, " ".join(cells) if problem != "empty" else "")
        value = verdict_on(cells[self._id_column])
        if isinstance(value, Rejected):
            return self._rejected(row, value.code, cells[self._id_column])
        asset = self._asset_of_all if self._asset_column is None else self._asset_in(cells[self._asset_column])
        if isinstance(asset, Rejected):
            return self._rejected(row, asset.code, cells[self._asset_column or 0])
        return NewRow(row.line, asset, value, _TODO, "")

    def _shape_problem(self, cells: list[str]) -> str:
        last = max(self._id_column, self._asset_column or 0)
        if last < len(cells) <= self._width:
            return ""
        if not any(cell.strip() for cell in cells):
            return "empty"
        if any(cell.strip() for cell in cells[self._width :]):
            return "too_many_columns"
        return "missing_column" if last >= len(cells) else ""

    def _asset_in(self, cell: str) -> int | Rejected:
        """Give the key of the app or Page that a cell names; remembers the result for the next rows."""
        word = f"{type(cell).__name__}:{cell[:_LONGEST_NAME]}"
        if len(cell) > _LONGEST_NAME or word not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._names.find(cell) if self._names else Rejected("no_asset")
            self._known[word] = found if isinstance(found, Rejected) else found.pk
        return self._known[word]

    def _rejected(self, row: Row, code: str, text: str) -> NewRow:
        return NewRow(row.line, None, shown(text), _REJECTED, code)
