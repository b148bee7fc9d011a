"""*Preflight*: which lookups would go through, for a whole business and for one person; and a test call."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views import View

from businesses.access import Action, businesses_of, may, visible
from businesses.models import Asset
from businesses.reasons import reason
from lookups.admin.tokens.chosen_business import assets_to_plan, business_for
from lookups.admin.tokens.preflight_grid import COLUMNS, PreflightGrid, cell_key, counted, grid_context
from lookups.asking.starting import CannotAsk, ask_to_test
from lookups.models import Person
from lookups.tasks import wake
from lookups.templatetags.remedies import told
from lookups.tokens.obstacles import Colour
from lookups.tokens.preflight import call_between, calls_of_person, readiness_of


class PreflightsView(View):
    """The menu's entry: leads to the only business, or offers a choice."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead on, or list the user's businesses."""
        mine = list(businesses_of(request.user))
        if len(mine) == 1:
            return HttpResponseRedirect(reverse("admin:businesses_business_preflight", args=[mine[0].pk]))
        context = {**admin.site.each_context(request), "title": "Preflight", "businesses": mine}
        return render(request, "lookups/preflights.html", context)


class PreflightView(View):
    """The grid of one business."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show which questions would go through; `cell` names the question whose causes are shown."""
        business = business_for(request, pk, Action.VIEW)
        now, wanted = timezone.now(), request.GET.get("q", "").strip()[:100]
        ready = list(readiness_of(assets_to_plan(business), now).values())
        shown = [one for one in ready if wanted.lower() in one.asset.name.lower() or wanted == one.asset.graph_id]
        context = {
            "title": f"Preflight: {business}",
            "business": business,
            "wanted": wanted,
            "how_many": len(ready),
            "counts": counted(ready),
            "may_ask": may(request.user, Action.ASK, business),
            "test": reverse("admin:businesses_business_testcall", args=[pk]),
            **PreflightGrid(request.GET, shown).context(),
        }
        return render(request, "lookups/preflight.html", {**admin.site.each_context(request), **context})


class TestCallView(View):
    """One real call for one cell."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask about one known ID of the source, filtered to the target, and lead to its lookup."""
        business = business_for(request, pk, Action.ASK)
        by_key = {str(asset.pk): asset for asset in assets_to_plan(business)}
        source, target = by_key.get(request.POST.get("source", "")), by_key.get(request.POST.get("target", ""))
        if source is None or target is None or source == target:
            raise Http404
        now, refused = timezone.now(), ""
        ready = readiness_of([source, target], now)
        call = call_between(ready[source], ready[target])
        if call.colour == Colour.RED:
            refused = told(request, call.reasons)
        try:
            if not refused:
                return HttpResponseRedirect(self._asked(request, source, target, now))
        except CannotAsk as error:
            refused = told(request, error.plan.reasons)
        messages.error(request, format_html("Not asked. {}", refused))
        here = reverse("admin:businesses_business_preflight", args=[pk])
        return HttpResponseRedirect(f"{here}?{urlencode({'cell': cell_key(source, target)})}#cell")

    def _asked(self, request: HttpRequest, source: Asset, target: Asset, now: datetime) -> str:
        with transaction.atomic():
            lookup = ask_to_test(source=source, target=target, by=request.user, now=now)
            transaction.on_commit(wake)
        return lookup.address


class PersonPreflightView(View):
    """The grid of one person: the known IDs against all apps and Pages."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show which of the person's IDs could be asked for which app or Page."""
        rows = visible(Person.objects.select_related("business"), request.user)
        person = rows.filter(public_id=public_id).first()
        if person is None:
            raise Http404
        assets = {asset.pk: asset for asset in assets_to_plan(person.business)}
        members = list(person.scoped_ids.order_by("pk"))
        for member in members:
            member.asset = assets[member.asset_id]
        found = calls_of_person(members, assets.values(), timezone.now())
        columns = Paginator(list(assets.values()) if found else [], COLUMNS)
        page = columns.get_page(request.GET.get("c"))
        first = (page.number - 1) * COLUMNS
        shown = [(source, calls[first : first + COLUMNS]) for source, calls in found]
        context = {
            "title": "Preflight of one person",
            "person": person,
            "may_ask": may(request.user, Action.ASK, person),
            **grid_context(shown, list(page), request.GET.get("cell", "")),
            "columns_page": page,
            "query": "",
            "no_ids": reason("no_ids"),
        }
        return render(request, "lookups/preflight_person.html", {**admin.site.each_context(request), **context})
