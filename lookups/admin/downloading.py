"""Sends rows as a file, CSV or XLSX."""

from collections.abc import Callable, Iterable, Sequence

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from lookups.lists import exports

FORMATS = ("csv", "xlsx")
Rows = Iterable[Sequence[str]]


def download(rows: Callable[[], Rows], name: str, file_format: str) -> HttpResponseBase:
    """Send rows as a file. The caller chose `name`; it holds no user's text. Raises CannotExport."""
    if file_format == "xlsx":
        response: HttpResponseBase = FileResponse(
            exports.as_xlsx(rows()), as_attachment=True, filename=f"{name}.xlsx"
        )  # fmt: skip
    else:
        response = StreamingHttpResponse(exports.as_csv(rows()), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def format_of(request: HttpRequest) -> str:
    """Give the format that the address names, by default CSV; Http404 for an unknown one."""
    wanted = request.GET.get("format", "csv")
    if wanted not in FORMATS:
        raise Http404
    return wanted
