"""Retire apps and Pages, so that Graph is no longer asked about them, or use them again; both need a confirmation."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from businesses.access import Action, visible
from businesses.admin.scoped import ScopedAdmin
from businesses.models import Asset

_RETIRED = (
    "Nothing more is asked of them: neither about their IDs nor for their IDs.",
    "Lookups that wait for them end without an answer, and say why.",
    "All that is known stays: IDs, links, people, tokens and secrets. What links prove is not changed.",
    "A Page whose app is retired is asked as before: it is the app's secret that signs, not its IDs.",
    "They can be taken into use again at any time, here in this list.",
)
_IN_USE = ("They are asked again, like all others: by people, by lists and by the refresh.",)


class Retiring(ScopedAdmin):
    """Two actions of a changelist, for those who may manage the rows' businesses."""

    actions = ("retire", "take_into_use")

    @admin.display(description="in use", ordering="retired_at")
    def use(self, asset: Asset) -> str:
        """Whether the asset is in use, or since when it is retired."""
        return f"retired on {asset.retired_at:%d %B %Y}" if asset.retired_at else "in use"

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Retire the chosen assets once the user has confirmed it."""
        mine = visible(queryset.filter(retired_at=None), request.user, Action.MANAGE)
        if request.POST.get("sure") != "yes":
            return self._ask_whether_sure(request, mine, act="retire", button="Retire", effects=_RETIRED)
        self._set_retired_at(request, mine, timezone.now(), "Retired")
        return None

    @admin.action(description="Take into use again", permissions=["change"])
    def take_into_use(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Take the chosen assets into use again once the user has confirmed it."""
        mine = visible(queryset.filter(retired_at__isnull=False), request.user, Action.MANAGE)
        if request.POST.get("sure") != "yes":
            return self._ask_whether_sure(
                request, mine, act="take_into_use", button="Take into use again", effects=_IN_USE
            )
        self._set_retired_at(request, mine, None, "Taken into use again")
        return None

    def _ask_whether_sure(
        self, request: HttpRequest, assets: "QuerySet[Any]", *, act: str, button: str, effects: tuple[str, ...]
    ) -> HttpResponse | None:
        rows = list(assets)
        if not rows:
            messages.error(request, "None of those chosen can be changed in this way by you.")
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": f"{button}?",
            "opts": self.model._meta,
            "assets": rows,
            "effects": effects,
            "act": act,
            "button": button,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return render(request, "businesses/retire.html", context)

    def _set_retired_at(self, request: HttpRequest, assets: "QuerySet[Any]", at: Any, said: str) -> None:
        rows = list(assets)
        self.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(retired_at=at)
        for row in rows:
            self.log_change(request, row, said)
        names = ", ".join(f"“{row}”" for row in rows)
        messages.success(request, f"{said}: {names}." if rows else "Nothing was changed.")
