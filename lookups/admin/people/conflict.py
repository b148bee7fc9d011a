"""Conflicts: the contradiction, both pieces of evidence side by side, and what a user can do about it."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from businesses.access import Action, may
from businesses.admin.scoped import ReadOnlyAdmin
from lookups.admin.people.deciding import ReasonForm
from lookups.asking.starting import CannotAsk, ask_both
from lookups.evidence import conflicts, decisions
from lookups.models import Conflict, Match, ScopedID
from lookups.people.explaining import request_of, with_all_proof
from lookups.tasks import wake
from lookups.templatetags.idlink import moment
from lookups.templatetags.remedies import told

# What each kind of conflict means for the user who decides.
ADVICE = {
    Conflict.Kind.TWO_IDS: "A person has one ID in each app and Page. Two can mean two people linked wrongly, "
    "or an account that was made anew. Check both; if they are two people, keep them apart.",
    Conflict.Kind.TWO_PERSONS: "Two IDs both lead to a third, though Graph's own answers about them don't name each "
    "other. One of the two answers is probably old: check both.",
    Conflict.Kind.ONE_WAY: "Asked about the first ID, Graph names the second; asked about the second, it does not name "
    "the first. Check both: what is old then falls away by itself.",
    Conflict.Kind.APART: "Somebody decided that these two are not to be linked, and Graph has linked them since. Keep "
    "the decision (accept), or take it back on the person's page.",
    Conflict.Kind.OTHER_ASSET: "Graph answered for another app or Page than was asked for. The row was left out. "
    "Check again; if it stays, tell Meta's support the trace ID.",
    Conflict.Kind.WRONG_KIND: "Graph gave a Page where an app belongs, or the reverse. The row was left out.",
    Conflict.Kind.MOVED: "Graph named an app or Page not confirmed to be this business's, or that another business "
    "owns. The row was left out: no link may join two businesses. An admin should check who owns it.",
}


PROOFS_SHOWN = 10


class RunningFilter(admin.SimpleListFilter):
    """Filters conflicts by state: open (the default), settled or over."""

    title = "state"
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Give the states besides *open*."""
        return [("settled", "Settled"), ("over", "Over"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """Name the default choice."""
        for number, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": "Open"} if number == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        narrowed = {
            None: conflicts.open_ones(queryset),
            "settled": queryset.filter(ended_at=None, settled_by__isnull=False),
            "over": queryset.filter(ended_at__isnull=False),
        }
        return narrowed.get(self.value(), queryset)


@admin.register(Conflict)
class ConflictAdmin(ReadOnlyAdmin):
    """Changelist of conflicts; a conflict's page shows the evidence and the possible acts."""

    nothing_yet = "No conflicts: nothing that Graph has answered contradicts anything else."
    list_display = ["kind", "about", "business", "found", "state"]
    list_filter = [RunningFilter, "kind"]
    own_filters = ["business"]
    list_select_related = ["business", "one__asset", "other__asset", "settled_by"]
    sortable_by = ["found"]

    @admin.display(description="IDs")
    def about(self, conflict: Conflict) -> str:
        """The IDs that contradict each other."""
        ids = [one for one in (conflict.one, conflict.other) if one]
        return " and ".join(f"{one} in {one.asset}" for one in ids)

    @admin.display(description="found", ordering="found_at")
    def found(self, conflict: Conflict) -> str:
        """When the conflict was found."""
        return moment(conflict.found_at)

    @admin.display(description="state")
    def state(self, conflict: Conflict) -> str:
        """Open, settled or over."""
        if conflict.ended_at:
            return "over"
        return "settled" if conflict.settled_by_id else "open"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show both pieces of evidence."""
        conflict = self.get_object(request, object_id)
        if conflict is None:
            raise Http404
        context = {**self.admin_site.each_context(request), **_facts(request, conflict)}
        return render(request, "lookups/conflict.html", context)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the two buttons: check both, accept."""
        post = method_decorator(require_POST)
        views = {
            name: self.admin_site.admin_view(post(view).__get__(self))
            for name, view in {"check": type(self).check_view, "accept": type(self).accept_view}.items()
        }
        own = [path(f"<int:pk>/{name}/", view, name=f"lookups_conflict_{name}") for name, view in views.items()]
        return [*own, *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask Graph anew about both IDs."""
        conflict = self._mine(request, pk, Action.ASK)
        refused = ""
        try:
            with transaction.atomic():
                asked = ask_both(
                    one=conflict.one, other=conflict.other or conflict.one, by=request.user, now=timezone.now()
                )
                transaction.on_commit(wake)
        except CannotAsk as error:
            refused = told(request, error.plan.reasons)
        if refused:
            messages.error(request, format_html("Not asked. {}", refused))
        else:
            messages.info(request, f"Being asked: {' and '.join(str(lookup) for lookup in asked)}.")
        return HttpResponseRedirect(_address(conflict))

    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle the conflict as it is, with a reason."""
        conflict = self._mine(request, pk, Action.DECIDE)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Give a reason of at most 500 characters: whoever reads this later needs it.")
            return HttpResponseRedirect(_address(conflict))
        refused = ""
        try:
            decisions.accept(conflict, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        except decisions.CannotDecide as error:
            refused = str(error)
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, "Accepted. You can take this back on the person's page.")
        return HttpResponseRedirect(_address(conflict))

    def _mine(self, request: HttpRequest, pk: int, action: Action) -> Conflict:
        conflict: Conflict | None = self.get_queryset(request).filter(pk=pk).first()
        if conflict is None or not may(request.user, action, conflict):
            raise Http404
        return conflict


def _address(conflict: Conflict) -> str:
    return reverse("admin:lookups_conflict_change", args=[conflict.pk])


def _facts(request: HttpRequest, conflict: Conflict) -> dict[str, Any]:
    kind = conflict.get_kind_display()
    return {
        "title": f"{kind[0].upper()}{kind[1:]}",
        "conflict": conflict,
        "advice": ADVICE[Conflict.Kind(conflict.kind)],
        "sides": [_side(one) for one in (conflict.one, conflict.other) if one],
        "may_ask": may(request.user, Action.ASK, conflict),
        "may_decide": may(request.user, Action.DECIDE, conflict),
        "can_be_kept_apart": conflict.other is not None and conflict.kind != Conflict.Kind.APART,
    }


def _side(scoped_id: ScopedID) -> dict[str, Any]:
    """Give one ID with its matches, and the requests that proved these."""
    matches = Match.objects.filter(target=scoped_id).order_by("-last_confirmed", "-pk")
    shown = with_all_proof(matches[:PROOFS_SHOWN])
    return {
        "scoped_id": scoped_id,
        "proofs": [(match, request_of(match.proving_answer) if match.proving_answer else "") for match in shown],
        "more": max(0, matches.count() - PROOFS_SHOWN),
        "lookup": scoped_id.lookups.order_by("-pk").first(),
    }
