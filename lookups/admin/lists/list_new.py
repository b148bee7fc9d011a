"""*New list*: takes a file or pasted lines; asks Graph nothing yet."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, businesses_of
from businesses.models import Asset, Business
from lookups.admin.asking.finding import LAST_CHOICE, asset_named
from lookups.lists import imports
from lookups.models import Run
from lookups.tasks import wake_uploads

Choices = dict[Business, list[tuple[str, str]]]
MOST_PASTED = 1_500_000  # characters; a larger form is refused before any page sees it


class Unfit(Exception):
    """The sent form can't be taken; the text says why."""


class NewListView(View):
    """GET shows the forms for a file and for pasted lines; POST stores the list and leads on."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store a file or pasted lines, or say why they can't be taken."""
        pasted = request.POST.get("how") == "paste"
        error, run = "", None
        try:
            # Not in a transaction: it would lock the database while a large file is written to disk.
            run = _receive_pasted(request) if pasted else _receive_file(request)
            transaction.on_commit(wake_uploads)
        except (Unfit, imports.CannotRead) as refused:
            error = str(refused)
        if run is None:
            return self._page(request, pasted=pasted, error=error, status=400)
        return HttpResponseRedirect(run.address if pasted else run.columns_address)

    def _page(self, request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
        mine = list(businesses_of(request.user, Action.ASK))
        context = {
            **admin.site.each_context(request),
            "title": "New list",
            "businesses": mine,
            "chosen": request.POST.get("business", ""),
            "choices": assets_of(mine),
            "asset": request.POST.get("asset") or request.session.get(LAST_CHOICE, ""),
            "text": imports.without_leaks(request.POST.get("text", "")),
            "most": MOST_PASTED,
            **shown,
        }
        return render(request, "lookups/list_new.html", context, status=status)


def assets_of(businesses: list[Business]) -> Choices:
    """Give the apps and Pages of these businesses as choices of a form."""
    choices: Choices = {business: [] for business in businesses}
    by_pk = {business.pk: business for business in businesses}
    for asset in Asset.objects.filter(business__in=businesses).order_by("-kind", "name", "pk"):  # Pages first
        kind = asset.kind_of
        choices[by_pk[asset.business_id]].append((str(asset.pk), f"{asset} ({kind.label}, {kind.scoped_id}s)"))
    return {business: offered for business, offered in choices.items() if offered}


def _receive_file(request: HttpRequest) -> Run:
    upload = request.FILES.get("file")
    business = _business_named(request)
    if upload is None:
        nothing = "Choose a file first: CSV or XLSX, with one ID in each row."
        raise Unfit(getattr(request, "upload_failed", nothing))
    name = str(upload.name or "list")[:200]
    return imports.take_in(business=business, chunks=upload.chunks(), name=name, by=request.user, now=timezone.now())


def _receive_pasted(request: HttpRequest) -> Run:
    text = request.POST.get("text", "")
    asset = asset_named(request.POST.get("asset", ""), request.user, Action.ASK)
    if asset is None:
        raise Unfit("Choose the app or Page that these IDs come from.")
    if not text.strip():
        raise Unfit("Paste the IDs first, one on each line.")
    request.session[LAST_CHOICE] = str(asset.pk)
    return imports.receive_pasted(business=asset.business, text=text, asset=asset, by=request.user, now=timezone.now())


def _business_named(request: HttpRequest) -> Business:
    """Give the chosen business, or the only one. An unknown business and a foreign one give the same error."""
    mine = {str(business.pk): business for business in businesses_of(request.user, Action.ASK)}
    named = request.POST.get("business", "")
    if not named and len(mine) == 1:
        return next(iter(mine.values()))
    if named not in mine:
        raise Unfit("Choose the business whose list this is.")
    return mine[named]
