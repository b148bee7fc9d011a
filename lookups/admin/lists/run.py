"""Runs: the changelist of lists and refreshes, and the addresses of a run's pages and acts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html

from businesses.access import Action, may, visible
from businesses.admin.scoped import ReadOnlyAdmin
from businesses.row_keys import is_row_key
from lookups.admin.lists import run_page
from lookups.admin.lists.exporting import DOWNLOADS
from lookups.admin.lists.list_columns import ColumnsView
from lookups.admin.lists.list_new import NewListView
from lookups.admin.lists.run_acts import ACTS, run_for
from lookups.admin.lists.run_rows import RowsView
from lookups.admin.lists.run_words import title_of
from lookups.admin.lists.undoing import UNDOING
from lookups.models import COUNTED, Run
from lookups.templatetags.idlink import moment


class KindFilter(admin.SimpleListFilter):
    """Filters by kind; by default lists and refreshes, since a run of one lookup has that lookup's page."""

    title = "kind"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give the kinds besides the default."""
        return [("list", "Lists"), ("refresh", "Refreshes"), ("single", "Single lookups"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Name the default choice."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": "Lists and refreshes"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        if self.value() == "all":
            return queryset
        if self.value() == "single":
            return queryset.exclude(kind__in=COUNTED)
        kinds = [self.value()] if self.value() in COUNTED else COUNTED
        return queryset.filter(kind__in=kinds)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Changelist of runs; a run's own page shows its progress, its sum and the acts."""

    list_display = ["name", "business", "shown_state", "progress", "who", "made"]
    own_filters = ["business"]
    list_filter = [KindFilter, "state"]
    list_select_related = ["business", "asked_by", "list_file"]
    list_before_template = "lookups/run_list_head.html"
    sortable_by = ["made"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Run]":
        """Leave out the first rows of the lists: only the page for their columns shows them."""
        return super().get_queryset(request).defer("list_file__first_look")

    @admin.display(description="what")
    def name(self, run: Run) -> str:
        """The name of the list's file, or the kind of the run."""
        return title_of(run)

    @admin.display(description="state", ordering="state")
    def shown_state(self, run: Run) -> str:
        """The run's state in words and a colour; a run that is not counted ends with its lookups."""
        if run.kind not in COUNTED:
            return "–"
        return format_html('<span class="il-outcome il-run-{}">{}</span>', run.state, run.get_state_display())

    @admin.display(description="progress")
    def progress(self, run: Run) -> str:
        """How many of the run's rows are settled."""
        if run.kind not in COUNTED or not run.rows:
            return "–"
        settled = run.linked + run.none + run.fresh + run.refused + run.failed + run.rejected + run.duplicate
        return f"{settled:,} of {run.rows:,}"

    @admin.display(description="by")
    def who(self, run: Run) -> str:
        """The user who started the run."""
        if run.kind in (Run.Kind.REFRESH, Run.Kind.CHECK) and not run.asked_by:
            return "idlink itself"
        return str(run.asked_by or "a former user")

    @admin.display(description="made", ordering="created_at")
    def made(self, run: Run) -> str:
        """When the run was made, in the reader's zone."""
        return moment(run.created_at)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the changelist; it also says whether there are runs yet, and whether the user may send in a list."""
        counted = visible(Run.objects.filter(kind__in=COUNTED), request.user)
        own = {"title": "Lists and runs", "may_ask": may(request.user, Action.ASK)}
        if not request.GET and not counted.exists():
            return render(request, "lookups/run_none.html", {**self.admin_site.each_context(request), **own})
        return super().changelist_view(request, {**(extra_context or {}), **own})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one run."""
        if not is_row_key(object_id):
            raise Http404
        return run_page.show(request, run_for(request, int(object_id)))

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of a new list, its columns, its rows and each act."""
        view = self.admin_site.admin_view
        views = {**ACTS, **DOWNLOADS, **UNDOING}
        acts = [path(f"<int:pk>/{name}/", view(act), name=f"lookups_run_{name}") for name, act in views.items()]
        return [
            path("new/", view(NewListView.as_view()), name="lookups_run_new"),
            path("<int:pk>/columns/", view(ColumnsView.as_view()), name="lookups_run_columns"),
            path("<int:pk>/rows/", view(RowsView.as_view()), name="lookups_run_rows"),
            *acts,
            *super().get_urls(),
        ]
