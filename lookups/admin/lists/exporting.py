"""Downloads of a list: its results and its rejects. GET only: nothing changes."""

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views import View

from lookups.admin.downloading import Rows, download, format_of
from lookups.admin.lists.run_acts import run_for
from lookups.admin.lists.run_words import sentence_of
from lookups.lists import exports, imports
from lookups.lists.imports.sources import rows_in_place
from lookups.models import ListFile, Run


def _list_for(request: HttpRequest, pk: int) -> Run:
    run = run_for(request, pk)
    if run.kind != Run.Kind.LIST:
        raise Http404
    return run


class _RunDownload(View):
    """A file about one import."""

    name = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the file. If a sheet can't hold all rows, refuse at once and advise CSV."""
        run, file_format = _list_for(request, pk), format_of(request)
        refused = ""
        try:
            if file_format == "xlsx" and self.rows_in(run) >= exports.MOST_ROWS:  # the header is a row, too
                raise exports.TooManyRows
            return download(lambda: self.rows(run), f"idlink-run-{run.pk}-{self.name}", file_format)
        except exports.CannotExport as error:
            refused = str(error)
        messages.error(request, refused)
        return HttpResponseRedirect(run.address)

    def rows(self, run: Run) -> Rows:
        """Give the rows of the file."""
        raise NotImplementedError

    def rows_in(self, run: Run) -> int:
        """Give the number of rows."""
        raise NotImplementedError


class ResultsView(_RunDownload):
    """Each row of the file, its outcome, and the person's IDs."""

    name = "results"

    def rows(self, run: Run) -> Rows:
        """Give the results; the file is read again beside its rows, if it still exists."""
        file: ListFile | None = getattr(run, "list_file", None)
        if file is None or file.removed_at or not file.path.is_file() or not _was_read(run):
            return exports.results_of(run, None, sentence_of)
        columns = [str(name) for name in file.columns] or ["ID"]
        return exports.results_of(run, exports.Original(columns, file.id_column or 0, _rows_of(file)), sentence_of)

    def rows_in(self, run: Run) -> int:
        """Count all rows of the file."""
        return run.rows


class RejectsView(_RunDownload):
    """The rows in which no ID could be read."""

    name = "rejects"

    def rows(self, run: Run) -> Rows:
        """Give the rejected rows with their reasons."""
        return exports.rejects_of(run, sentence_of)

    def rows_in(self, run: Run) -> int:
        """Count the rejected rows."""
        return run.rejected


def _was_read(run: Run) -> bool:
    """Tell whether a worker has read the list to its end, within the limits; else its file may be hostile."""
    return run.state == Run.State.READY or run.started_at is not None


def _rows_of(file: ListFile) -> Iterator[tuple[int, Sequence[str]]]:
    """Read a stored list from its beginning, even while a worker reads it."""
    begun = copy(file)
    begun.offset = begun.line = 0
    return ((row.line, [imports.without_secrets(cell) for cell in row.cells]) for row in rows_in_place(begun))


DOWNLOADS: dict[str, Any] = {"results": ResultsView.as_view(), "rejects": RejectsView.as_view()}
