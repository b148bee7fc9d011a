"""From a row of a list to what is stored of it: an ID of an app or Page, or why it is rejected."""

from collections.abc import Iterable, Iterator

from businesses.models import FacebookApp
from lookups.lists.imports import limits
from lookups.lists.imports.cells import Row
from lookups.lists.imports.rows import NewRow
from lookups.lists.imports.scopes import Asset, Scopes
from lookups.lists.imports.verdicts import Rejected, shown, verdict_on
from lookups.models import ListFile, ListRow

_Scope = tuple[int | None, int | None]
_TODO, _REJECTED = str(ListRow.State.TODO), str(ListRow.State.REJECTED)


class Judge:
    """Judges the rows of one list, as its columns are named."""

    def __init__(self, list_file: ListFile) -> None:
        self._id_column = list_file.id_column or 0
        self._scope_column = list_file.scope_column
        self._header_comes = list_file.has_header and list_file.line == 0
        self._width = len(list_file.columns) if list_file.kind == ListFile.Kind.CSV else limits.columns()
        self._scopes = Scopes(list_file.business) if self._scope_column is not None else None
        self._scope: _Scope = (list_file.app_id, list_file.page_id)
        self._known: dict[str, Asset | Rejected] = {}

    def judge(self, rows: Iterable[Row]) -> Iterator[tuple[Row, NewRow | None]]:
        """Give each row with what is stored of it; nothing is stored of the header."""
        for row in rows:
            if self._header_comes and any(cell.strip() for cell in row.cells):
                self._header_comes = False
                yield row, None
            else:
                yield row, self._judged(row)

    def _judged(self, row: Row) -> NewRow:
        cells = row.cells
        problem = row.problem or self._shape_problem(cells)
        if problem:
            return self._rejected(row, problem, " ".join(cells) if problem != "empty" else "")
        value = verdict_on(cells[self._id_column])
        if isinstance(value, Rejected):
            return self._rejected(row, value.code, cells[self._id_column])
        scope = self._scope if self._scope_column is None else self._scope_in(cells[self._scope_column])
        if isinstance(scope, Rejected):
            return self._rejected(row, scope.code, cells[self._scope_column or 0])
        return NewRow(row.line, scope[0], scope[1], value, _TODO, "")

    def _shape_problem(self, cells: list[str]) -> str:
        last = max(self._id_column, self._scope_column or 0)
        if last < len(cells) <= self._width:
            return ""
        if not any(cell.strip() for cell in cells):
            return "empty"
        if any(cell.strip() for cell in cells[self._width :]):
            return "too_many_columns"
        return "missing_column" if last >= len(cells) else ""

    def _scope_in(self, cell: str) -> "_Scope | Rejected":
        key = f"{type(cell).__name__}:{cell[:200]}"
        if len(cell) > 200 or key not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[key] = self._scopes.find(cell) if self._scopes else Rejected("no_scope")
        found = self._known[key]
        if isinstance(found, Rejected):
            return found
        return (found.pk, None) if isinstance(found, FacebookApp) else (None, found.pk)

    def _rejected(self, row: Row, code: str, text: str) -> NewRow:
        return NewRow(row.line, None, None, shown(text), _REJECTED, code)
