"""Sends rows as a file, CSV or XLSX."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lookups.lists import exports
from lookups.models.long_work import taking_long

FORMATS = ("csv", "xlsx")
Rows = Iterable[Sequence[str]]


def download(rows: Callable[[], Rows], name: str, file_format: str) -> HttpResponseBase:
    """Send rows as a file. The caller chose `name`; it holds no user's text. Raises CannotExport."""
    if file_format == "xlsx":
        response: HttpResponseBase = FileResponse(
            exports.as_xlsx(_at_leisure(rows)), as_attachment=True, filename=f"{name}.xlsx"
        )  # fmt: skip
    else:
        response = StreamingHttpResponse(exports.as_csv(_at_leisure(rows)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _at_leisure(rows: Callable[[], Rows]) -> Iterator[Sequence[str]]:
    """Give the rows; reading them may take longer than a page may."""
    with taking_long():
        yield from rows()


def format_of(request: HttpRequest) -> str:
    """Give the format that the address names, by default CSV; Http404 for an unknown one."""
    wanted = request.GET.get("format", "csv")
    if wanted not in FORMATS:
        raise Http404
    return wanted
