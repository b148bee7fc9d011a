"""*Export links*: all links of a business, filtered, as a file. GET only: nothing changes."""

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, businesses_of, visible
from businesses.models import Asset, AssetKind, Business
from lookups.admin.asking.finding import asset_named
from lookups.admin.downloading import download, format_of
from lookups.evidence.freshness import stale_before
from lookups.lists import exports
from lookups.models import ScopedID


class LinksForm(forms.Form):
    """The form of an export: which links, and in which shape. It offers and accepts only what the user may see."""

    business = forms.ModelChoiceField(Business.objects.none(), empty_label=None)
    asset = forms.ChoiceField(label="App or Page", required=False)
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "any"), *((s, s) for s in exports.LinkState)]
    )
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
        assets = visible(Asset.objects.all(), user)
        groups = [
            (kind.plural, [(asset.pk, str(asset)) for asset in assets if asset.kind == kind]) for kind in AssetKind
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
        """Refuse an app or Page of another business."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asset = asset_named(cleaned.get("asset") or "", self._user, Action.VIEW)
        if asset and cleaned.get("business") and asset.business_id != cleaned["business"].pk:
            self.add_error("asset", f"“{asset}” does not belong to {cleaned['business']}.")
        return {**cleaned, "asset": asset}

    def filters(self) -> exports.Filters:
        """Give the chosen filters; days begin at midnight UTC."""
        chosen = self.cleaned_data
        return exports.Filters(
            asset=chosen["asset"],
            state=exports.LinkState(chosen["state"]) if chosen["state"] else None,
            confirmed_since=_midnight(chosen["since"]),
            confirmed_before=_midnight(chosen["before"]),
            stale_before=stale_before(chosen["business"], timezone.now()) if chosen["stale"] else None,
        )


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, tzinfo=UTC) if day else None


class LinksView(View):
    """Shows the form; with a format in the address it sends the file."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, or send the file."""
        if "format" not in request.GET:
            first = businesses_of(request.user).first()
            form = LinksForm(request.user)
            form.initial = {"business": first, "shape": exports.Shape.IDS}
            return _form_page(request, form)
        form, file_format = LinksForm(request.user, request.GET), format_of(request)
        if not form.is_valid():
            return _form_page(request, form, status=400)
        business, shape = form.cleaned_data["business"], exports.Shape(form.cleaned_data["shape"])
        name = f"idlink-links-{business.pk}-{timezone.now():%Y-%m-%d}"
        try:
            if file_format == "xlsx" and _is_too_large(business, shape, form.filters()):
                raise exports.TooManyRows
            return download(lambda: exports.links_of(business, shape, form.filters()), name, file_format)
        except exports.CannotExport as error:
            form.add_error(None, str(error))
        return _form_page(request, form, status=400)


def _is_too_large(business: Business, shape: exports.Shape, filters: exports.Filters) -> bool:
    """Tell whether there are certainly more rows than a sheet can hold, before any is written."""
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
