"""*Find a person*: one box for any ID. A known ID opens its person; a new one is asked about.

What is searched for comes by POST, which leads to an address with a key in its place.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, business_keys_of, businesses_of, visible
from businesses.lookalikes import holds_token
from businesses.models import Asset, AssetKind, Business
from businesses.row_keys import is_row_key
from businesses.secrets import SecretUnreadable
from lookups.admin.asking.health_line import health_lines
from lookups.asking.planning import Plan, plans
from lookups.asking.starting import CannotAsk, ask_about
from lookups.models import Person, Profile, ScopedID
from lookups.models.scoped_id import BLANKS, NotAnID, read_value
from lookups.people.sealed_search import LONGEST, open_search
from lookups.people.searching import persons_with, search
from lookups.tasks import wake
from lookups.templatetags.finding import find_address

LAST_CHOICE = "last_asset"
_A_TOKEN = (
    "This looks like an access token, not like an ID. It was neither searched for nor kept. Tokens belong under Access "
    "tokens; if anybody else may have seen it, make a new one and end this one at Meta."
)
_NO_SEARCH = "What this address searched for can't be told any more, or somebody else searched for it. Search anew."


@dataclass(frozen=True)
class OfferedAsset:
    """An app or Page that the pasted ID may belong to, and whether Graph can be asked there."""

    asset: Asset
    plan: Plan
    chosen: bool


def asset_named(text: str, user: Any, action: Action) -> Asset | None:
    """Give the app or Page whose key a form sent, if the user may do this action there."""
    if not is_row_key(text):
        return None
    return visible(Asset.objects.select_related("business"), user, action).filter(pk=text).first()


class FindView(View):
    """GET searches the database; POST leads there, or asks Graph if it brings a choice of an app or Page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the box, or what the search found."""
        if "key" not in request.GET:
            return self._page(request)
        try:
            text = open_search(request.GET["key"], request.user)
        except SecretUnreadable:
            return self._page(request, error=_NO_SEARCH, status=404)
        return self._search(request, text)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take a search, or ask Graph about an ID; refuse a token, and do not show it."""
        text = request.POST.get("q", "").strip(BLANKS)
        if holds_token(text):
            return self._page(request, error=_A_TOKEN, status=400)
        if "asset" not in request.POST and len(text) <= LONGEST:
            return HttpResponseRedirect(find_address(text, request.user))
        try:
            value = read_value(text)
        except NotAnID as error:
            return self._page(request, text=text, error=str(error), status=400)
        asset = asset_named(request.POST.get("asset", ""), request.user, Action.ASK)
        if asset is None:
            unchosen = "Choose the app or Page that this ID comes from."
            return self._page(request, text=value, choices=_choices(request), error=unchosen, status=400)
        request.session[LAST_CHOICE] = str(asset.pk)
        return self._ask(request, asset, value)

    def _search(self, request: HttpRequest, text: str) -> HttpResponse:
        found = search(text.strip(), **_seen_by(request.user))
        if len(found.exact) == 1 and "ask" not in request.GET:
            return HttpResponseRedirect(found.exact[0].address)
        shown: dict[str, Any] = {"persons": found.exact, "similar": _named(found.similar), "more": found.more}
        try:
            value = read_value(text)
        except NotAnID as error:
            nothing = not (found.exact or found.similar)
            return self._page(request, text=text, error=_why_nothing(text, error) if nothing else "", **shown)
        choices = None if found.exact and "ask" not in request.GET else _choices(request)
        return self._page(request, text=value, choices=choices, **shown)

    def _ask(self, request: HttpRequest, asset: Asset, value: str) -> HttpResponse:
        known = ScopedID.objects.filter(asset=asset, value=value).select_related("person").first()
        if known:
            return HttpResponseRedirect(known.person.address)
        refused = None
        try:
            with transaction.atomic():
                lookup = ask_about(asset=asset, value=value, by=request.user, now=timezone.now())
                transaction.on_commit(wake)
        except CannotAsk as error:
            refused = error.plan
        if refused:
            choices = _choices(request)
            return self._page(request, text=value, choices=choices, refused=refused, asset=asset, status=409)
        return HttpResponseRedirect(f"{lookup.address}?then=person")

    def _page(self, request: HttpRequest, *, status: int = 200, text: str = "", **shown: Any) -> HttpResponse:
        context = {
            **admin.site.each_context(request),
            "title": "Find a person",
            "text": text,
            "health_lines": [] if text or shown else health_lines(request.user, timezone.now()),
            "may_ask": businesses_of(request.user, Action.ASK).exists(),
            "has_business": businesses_of(request.user).exists(),
            **shown,
        }
        return render(request, "lookups/find.html", context, status=status)


def persons_seen_with(text: str, user: Any) -> "QuerySet[Any, Any]":
    """Give the keys of all persons whom this user may see and who have this in their IDs or names."""
    return persons_with(text, **_seen_by(user))


def _seen_by(user: Any) -> dict[str, Any]:
    """Give what a user may search among. By its business also for who sees all: the index of IDs begins with it."""
    mine = business_keys_of(user)
    return {
        "ids": ScopedID.objects.filter(business__in=mine),
        "people": Person.objects.filter(business__in=mine),
        "names": Profile.objects.filter(business__in=mine),
    }


def _named(persons: list[Person]) -> list[tuple[Person, str]]:
    """Give each person with the latest name."""
    rows = Profile.objects.filter(scoped_id__person__in=persons).exclude(name="").order_by("read_at")
    names = dict(rows.values_list("scoped_id__person", "name"))
    return [(person, names.get(person.pk, "")) for person in persons]


def _why_nothing(text: str, error: NotAnID) -> str:
    """Say why nothing was found: nobody has the name, or the text is no ID."""
    if any(character.isalpha() for character in text) and not any(character.isdigit() for character in text):
        return f"Nobody you may see is called so. And {error}"
    return str(error)


def _choices(request: HttpRequest) -> dict[Business, list[OfferedAsset]]:
    """Give all apps and Pages that the user may ask about, by business; the user's last choice is preselected."""
    last = request.session.get(LAST_CHOICE, "")
    mine = list(businesses_of(request.user, Action.ASK))
    assets = list(Asset.objects.filter(business__in=mine).to_plan())
    assets.sort(key=lambda asset: asset.kind != AssetKind.PAGE)
    planned = plans(assets)
    choices: dict[Business, list[OfferedAsset]] = {business: [] for business in mine}
    for asset in assets:
        choices[asset.business].append(OfferedAsset(asset, planned[asset], str(asset.pk) == last))
    return {business: rows for business, rows in choices.items() if rows}
