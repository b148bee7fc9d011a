"""Downloads: the results and rejects of an import, and the links of a business. GET only: nothing changes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, businesses_of, visible
from businesses.models import Business, FacebookApp, Page
from lookups import exports, imports
from lookups.admin.finding import asset_named
from lookups.admin.run_acts import run_for
from lookups.admin.run_words import sentence_of
from lookups.freshness import stale_before
from lookups.imports.sheet_rows import sheet_rows
from lookups.imports.sources import rows_of
from lookups.models import ListFile, Run, ScopedID

FORMATS = ("csv", "xlsx")
Rows = Iterable[Sequence[str]]


def _list_for(request: HttpRequest, pk: int) -> Run:
    run = run_for(request, pk)
    if run.kind != Run.Kind.LIST:
        raise Http404
    return run


def _download(rows: Callable[[], Rows], name: str, file_format: str) -> HttpResponseBase:
    """Send rows as a file. `name` is ours: nothing of it comes from outside. Raises TooManyRows."""
    if file_format == "xlsx":
        response: HttpResponseBase = FileResponse(
            exports.as_xlsx(rows()), as_attachment=True, filename=f"{name}.xlsx"
        )  # fmt: skip
    else:
        response = StreamingHttpResponse(exports.as_csv(rows()), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _format(request: HttpRequest) -> str:
    wanted = request.GET.get("format", "csv")
    if wanted not in FORMATS:
        raise Http404
    return wanted


class _RunDownload(View):
    """A file about one import."""

    name = ""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send it; a sheet that can't hold all rows is refused at once, with CSV as the way out."""
        run, file_format = _list_for(request, pk), _format(request)
        refused = ""
        try:
            if file_format == "xlsx" and self.rows_in(run) >= exports.MOST_ROWS:  # the header is a row, too
                raise exports.TooManyRows
            return _download(lambda: self.rows(run), f"idlink-run-{run.pk}-{self.name}", file_format)
        except exports.TooManyRows as error:
            refused = str(error)
        messages.error(request, refused)
        return HttpResponseRedirect(run.address)

    def rows(self, run: Run) -> Rows:
        """Give the rows of the file."""
        raise NotImplementedError

    def rows_in(self, run: Run) -> int:
        """How many there are."""
        raise NotImplementedError


class ResultsView(_RunDownload):
    """Each row as it came, what became of it, and the person's IDs."""

    name = "results"

    def rows(self, run: Run) -> Rows:
        """Read the file again beside its rows, if it is still here."""
        file: ListFile | None = getattr(run, "list_file", None)
        if file is None or file.removed_at or not file.path.is_file():
            return exports.results_of(run, None, sentence_of)
        columns = [str(name) for name in file.columns] or ["ID"]
        return exports.results_of(run, exports.Original(columns, file.id_column or 0, _rows_of(file)), sentence_of)

    def rows_in(self, run: Run) -> int:
        """All rows of the file."""
        return run.rows


class RejectsView(_RunDownload):
    """The rows in which no ID could be read."""

    name = "rejects"

    def rows(self, run: Run) -> Rows:
        """Give them with their reasons."""
        return exports.rejects_of(run, sentence_of)

    def rows_in(self, run: Run) -> int:
        """Those that were rejected."""
        return run.rejected


def _rows_of(file: ListFile) -> Iterator[tuple[int, Sequence[str]]]:
    """Read a stored list from its beginning, whatever a worker that reads it has reached."""
    begun = copy(file)
    begun.offset = begun.line = 0
    # Not by rows_of: it keeps one sheet open for all readers of a process, and gives way to the next.
    rows = sheet_rows(file.path, 0) if file.kind == ListFile.Kind.XLSX else rows_of(begun)
    return ((row.line, [imports.without_secrets(cell) for cell in row.cells]) for row in rows)


class LinksForm(forms.Form):
    """Which links, and in which shape. Offers, and takes, what the user may see."""

    business = forms.ModelChoiceField(Business.objects.none(), empty_label=None)
    asset = forms.ChoiceField(label="App or Page", required=False)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "any"), *((s, s) for s in exports.State)])
    since = forms.DateField(label="Confirmed on or after", required=False)
    before = forms.DateField(label="Confirmed before", required=False)
    stale = forms.BooleanField(label="Stale only: not confirmed within the business's refresh days", required=False)
    shape = forms.ChoiceField(
        label="A row for",
        choices=[
            (exports.Shape.IDS, "each scoped ID"),
            (exports.Shape.PEOPLE, "each person, a column per app and Page"),
        ],
    )

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        self._user = user
        self._field("business").queryset = businesses_of(user)
        groups = [
            ("Apps", [(f"app:{app.pk}", str(app)) for app in visible(FacebookApp.objects.all(), user)]),
            ("Pages", [(f"page:{page.pk}", str(page)) for page in visible(Page.objects.all(), user)]),
        ]
        self._field("asset").choices = [("", "any"), *groups]
        for name in ("since", "before"):
            self._field(name).widget.input_type = "date"
        for name, field in self.fields.items():
            if name != "stale":
                field.widget.attrs["class"] = "il-input"

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Let the app or Page be one of the business."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asset = asset_named(cleaned.get("asset") or "", self._user, Action.VIEW)
        if asset and cleaned.get("business") and asset.business_id != cleaned["business"].pk:
            self.add_error("asset", f"“{asset}” does not belong to {cleaned['business']}.")
        return {**cleaned, "asset": asset}

    def filters(self) -> exports.Filters:
        """Give what was chosen; days begin at midnight UTC."""
        chosen = self.cleaned_data
        return exports.Filters(
            asset=chosen["asset"],
            state=exports.State(chosen["state"]) if chosen["state"] else None,
            confirmed_since=_midnight(chosen["since"]),
            confirmed_before=_midnight(chosen["before"]),
            stale_before=stale_before(chosen["business"], timezone.now()) if chosen["stale"] else None,
        )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, tzinfo=UTC) if day else None


class LinksView(View):
    """Without a format the form; with one the file."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, or send what it asks for."""
        if "format" not in request.GET:
            first = businesses_of(request.user).first()
            form = LinksForm(request.user)
            form.initial = {"business": first, "shape": exports.Shape.IDS}
            return _form_page(request, form)
        form, file_format = LinksForm(request.user, request.GET), _format(request)
        if not form.is_valid():
            return _form_page(request, form, status=400)
        business, shape = form.cleaned_data["business"], exports.Shape(form.cleaned_data["shape"])
        name = f"idlink-links-{business.pk}-{timezone.now():%Y-%m-%d}"
        try:
            if file_format == "xlsx" and _is_too_large(business, shape, form.filters()):
                raise exports.TooManyRows
            return _download(lambda: exports.links_of(business, shape, form.filters()), name, file_format)
        except exports.TooManyRows as error:
            form.add_error(None, str(error))
        return _form_page(request, form, status=400)


def _is_too_large(business: Business, shape: exports.Shape, filters: exports.Filters) -> bool:
    """Tell whether it is clear before anything is written that a sheet can't hold all."""
    everything = shape == exports.Shape.IDS and filters == exports.Filters()
    return everything and ScopedID.objects.filter(business=business).count() >= exports.MOST_ROWS


def _form_page(request: HttpRequest, form: LinksForm, *, status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Export links",
        "form": form,
        "has_business": businesses_of(request.user).exists(),
        "most_rows": exports.MOST_ROWS,
    }
    return render(request, "lookups/export_links.html", context, status=status)


DOWNLOADS: dict[str, Any] = {"results": ResultsView.as_view(), "rejects": RejectsView.as_view()}
