"""Lookups: the changelist with each question and its outcome, and the live page of one lookup."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html

from businesses.access import business_keys_of
from businesses.admin.scoped import ReadOnlyAdmin
from businesses.reasons import Reason
from lookups.asking import pacing
from lookups.asking.holds import outcome_without
from lookups.asking.planning import planned_for, plans
from lookups.models import HeldFor, Lookup, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, outcome_column
from lookups.templatetags.idlink import moment, outcome


def _column_of(edge: Edge) -> Callable[[Lookup], str]:
    """Make the changelist's column for the outcome of an edge."""

    @admin.display(description=edge.label)
    def shown(lookup: Lookup) -> str:
        return outcome(lookup, edge)

    shown.__name__ = edge.short
    return shown


@admin.register(Lookup)
class LookupAdmin(ReadOnlyAdmin):
    """Changelist of lookups; one lookup's own page shows its progress and every answer."""

    nothing_yet = "Nothing has been asked yet. Paste an ID under Find a person, or bring in a list."
    list_display = ["asked", "asset_name", "question", "state", *map(_column_of, Edge), "who", "asked_at"]
    own_filters = ["business", "asset"]
    list_filter = ["state", "question", *map(outcome_column, Edge)]
    search_fields = ["value"]  # shows the box; `get_search_results` decides
    search_help_text = "The whole ID"
    list_select_related = ["business", "asset", "run__asked_by"]
    sortable_by = ["asked_at"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Narrow to the lookups about this ID: of one that is stored, of one that is not, and those under way."""
        text = search_term.strip()
        if not text:
            return queryset, False
        mine = {"business__in": business_keys_of(request.user), "value": text}
        about = Lookup.objects.order_by().filter(scoped_id__in=ScopedID.objects.filter(**mine)).values("pk")
        rest = Lookup.objects.order_by().filter(**mine)
        unknown = rest.filter(scoped_id=None, state=State.DONE).values("pk")
        return queryset.filter(pk__in=about.union(unknown, rest.unfinished().values("pk"))), False

    @admin.display(description="scoped ID")
    def asked(self, lookup: Lookup) -> str:
        """The ID that was asked about."""
        return str(lookup)

    @admin.display(description="app or Page")
    def asset_name(self, lookup: Lookup) -> str:
        """The app or Page of the ID."""
        return str(lookup.asset)

    @admin.display(description="asked", ordering="created_at")
    def asked_at(self, lookup: Lookup) -> str:
        """When it was asked, in the reader's zone."""
        return moment(lookup.created_at)

    @admin.display(description="asked by")
    def who(self, lookup: Lookup) -> str:
        """The user who started the run."""
        return str(lookup.run.asked_by or "a former user")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one lookup; while it is under way, the page asks for its changing part again and again.

        With `?then=person` the page leads on to the person as soon as there is one.
        """
        lookup = self.get_object(request, object_id)
        if lookup is None:
            raise Http404
        context = {"lookup": lookup, "edges": _edges(lookup), "then": request.GET.get("then", "")}
        context["answers"] = list(lookup.answers.all())
        context["pool"] = pacing.pool_of(lookup.asset) if lookup.state == State.WAITING else None
        context["paused"] = bool(context["pool"] and (context["pool"].wait_until or timezone.now()) > timezone.now())
        context["waits_for"] = _waits_for(lookup)
        context["waits_for_secret"] = _waits_for_secret(lookup, context["waits_for"])
        context["finished"] = lookup.state in (State.DONE, State.HELD)
        if lookup.state == State.DONE and lookup.scoped_id and context["then"] == "person":
            return _go_on(request, lookup.scoped_id.person.address)
        if request.headers.get("HX-Request"):
            return render(request, "parts/lookup_state.html", context)
        return render(request, "lookups/lookup.html", {**self._page(request, lookup), **context})

    def _page(self, request: HttpRequest, lookup: Lookup) -> dict[str, Any]:
        title = f"Lookup of {lookup} in {lookup.asset}"
        return {**self.admin_site.each_context(request), "title": title}


def _waits_for(lookup: Lookup) -> tuple[Reason, ...]:
    """Give the reasons why a held lookup waits: the token or secret that is missing now."""
    if lookup.held_for != HeldFor.TOKEN:
        return ()
    return planned_for(lookup, plans([lookup.asset])).reasons


def _waits_for_secret(lookup: Lookup, reasons: tuple[Reason, ...]) -> bool:
    """Tell whether a secret is missing, not a token: by what is missing now, else by what Graph refused."""
    told: list[str] = [outcome_without(reason.code) for reason in reasons] or list(lookup.outcomes.values())
    return Outcome.PROOF in told


def _edges(lookup: Lookup) -> list[dict[str, str]]:
    """Give each edge that was asked, with its outcome in words; a lookup for a name has no edges."""
    return [{"edge": edge, "outcome": lookup.outcome_of(edge), "words": outcome(lookup, edge)} for edge in lookup.edges]


def _go_on(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect to another page, whether the browser or htmx asked."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(format_html('<a href="{}">Go on</a>', address))
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)
