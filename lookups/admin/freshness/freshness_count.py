"""Freshness: how many IDs were confirmed within the business's interval, what holds up the rest, what that costs."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from businesses.access import Action, may
from businesses.admin.scoped import ReadOnlyAdmin
from businesses.models import Business
from lookups.asking import holds
from lookups.freshness import counting, refresh
from lookups.freshness.askable import words_of
from lookups.lists.forecast import forecast, measured_rate
from lookups.models import PROMISED_PERCENT, FreshnessCount, Run
from lookups.tasks import count_freshness_soon
from lookups.templatetags.idlink import age


@admin.register(FreshnessCount)
class FreshnessAdmin(ReadOnlyAdmin):
    """One row per business: whether it keeps its interval. The row's page says what holds up the rest."""

    nothing_yet = (
        "Nothing has been counted yet. Each business appears here soon after it was added, without anybody's doing."
    )
    list_display = ["business", "promised", "fresh", "due_now", "refreshes", "counted"]
    list_select_related = ["business"]
    sortable_by = ()

    @admin.display(description="95 % within the interval")
    def promised(self, count: FreshnessCount) -> str:
        """Whether the business keeps its interval."""
        if not count.counted_at or not count.ids:
            return "nothing counted yet" if not count.counted_at else "no IDs yet"
        return "met" if count.is_met else "missed"

    @admin.display(description="confirmed")
    def fresh(self, count: FreshnessCount) -> str:
        """How many of the IDs were confirmed in time."""
        return f"{count.confirmed:,} of {count.ids:,} in {count.days} days" if count.counted_at else "–"

    @admin.display(description="due")
    def due_now(self, count: FreshnessCount) -> str:
        """How many IDs were not confirmed in time."""
        return f"{count.due:,}" if count.counted_at else "–"

    @admin.display(description="refresh", boolean=True)
    def refreshes(self, count: FreshnessCount) -> bool:
        """Whether the refresh is switched on."""
        return count.business.refreshes

    @admin.display(description="counted")
    def counted(self, count: FreshnessCount) -> str:
        """When the IDs were counted."""
        return age(count.counted_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the figures as they were last counted; counts nothing."""
        count = self.get_object(request, object_id)
        if count is None:
            raise Http404
        context = {**self.admin_site.each_context(request), **_facts(request, count)}
        return render(request, "lookups/freshness.html", context)

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the two buttons: count now, switch on or off."""
        post = method_decorator(require_POST)
        views = {
            name: self.admin_site.admin_view(post(view).__get__(self))
            for name, view in {"count": type(self).count_view, "switch": type(self).switch_view}.items()
        }
        own = [path(f"<int:pk>/{name}/", view, name=f"lookups_freshnesscount_{name}") for name, view in views.items()]
        return [*own, *super().get_urls()]

    def count_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the IDs counted by a worker."""
        count = self._row(request, pk, Action.ASK)
        business_pk = count.business_id
        transaction.on_commit(lambda: count_freshness_soon(business_pk))
        messages.info(request, "The IDs are being counted. Load this page again in a moment.")
        return self._back(pk)

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Switch the refresh on or off."""
        count = self._row(request, pk, Action.MANAGE)
        on = request.POST.get("on") == "1"
        Business.objects.filter(pk=count.business_id).update(refreshes=on)
        said = "is on: stale IDs are asked about again" if on else "is off: what is being asked is still recorded"
        messages.success(request, f"The refresh of {count.business} {said}.")
        return self._back(pk)

    def _row(self, request: HttpRequest, pk: int, action: Action) -> FreshnessCount:
        count = self.get_queryset(request).select_related("business").filter(pk=pk).first()
        if count is None or not may(request.user, action, count):
            raise Http404
        return count

    def _back(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:lookups_freshnesscount_change", args=[pk]))


def _facts(request: HttpRequest, count: FreshnessCount) -> dict[str, Any]:
    business = count.business
    return {
        "title": f"Freshness of {business}",
        "count": count,
        "business": business,
        "promised": PROMISED_PERCENT,
        "may_ask": may(request.user, Action.ASK, count),
        "may_manage": may(request.user, Action.MANAGE, count),
        "review": holds.open_review(business),
        "runs": list(Run.objects.filter(business=business, kind=Run.Kind.REFRESH).order_by("-pk")[:3]),
        "held_up": [(words_of(code), number) for code, number in sorted(count.held_up.items())],
        **_cost(count),
    }


def _cost(count: FreshnessCount) -> dict[str, Any]:
    calls = counting.calls_by_asset(count)
    if not calls:
        return {"forecast": None}
    expected = forecast(calls, measured_rate(count.business), timezone.now())
    paced = timedelta(minutes=expected.calls / refresh.pace(count))
    return {"forecast": expected, "time": max(expected.time, paced), "is_paced": paced > expected.time}
