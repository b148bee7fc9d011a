"""*Find a person*: one box for any ID; known ones open at once, new ones are asked about."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, businesses_of, visible
from businesses.models import Business, FacebookApp, Page
from lookups.admin.asking.health_line import health_lines
from lookups.asking.planning import Plan, plans
from lookups.asking.starting import CannotAsk, ask_about
from lookups.models import Person, Profile, ScopedID
from lookups.models.scoped_id import NotAnID, read_value
from lookups.people.searching import Found, search
from lookups.tasks import wake

LAST_CHOICE = "last_asset"


@dataclass(frozen=True)
class Choice:
    """An app or Page the pasted ID may belong to, and whether Graph can be asked about it."""

    asset: FacebookApp | Page
    plan: Plan
    chosen: bool

    @property
    def key(self) -> str:
        """How the form names it."""
        return key_of(self.asset)

    @property
    def kind(self) -> str:
        """What an ID is called there."""
        return "ASID" if isinstance(self.asset, FacebookApp) else "PSID"


def key_of(asset: FacebookApp | Page) -> str:
    """Name an app or Page in a form."""
    return f"app:{asset.pk}" if isinstance(asset, FacebookApp) else f"page:{asset.pk}"


def asset_named(key: str, user: Any, action: Action) -> FacebookApp | Page | None:
    """Give the app or Page that a form names, if the user may do this there."""
    kind, _, pk = key.partition(":")
    model: Any = {"app": FacebookApp, "page": Page}.get(kind)
    if model is None or not (pk.isascii() and pk.isdigit()) or len(pk) > 18:
        return None
    rows = visible(model.objects.select_related("business"), user, action)
    asset: FacebookApp | Page | None = rows.filter(pk=pk).first()
    return asset


class FindView(View):
    """GET looks among what is stored; POST asks Graph."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the box, or what it found."""
        if "q" not in request.GET:
            return self._page(request)
        text = request.GET["q"]
        found = _found(text.strip(), request.user)
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

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask Graph about an ID of the chosen app or Page; known IDs just open."""
        text = request.POST.get("q", "")
        try:
            value = read_value(text)
        except NotAnID as error:
            return self._page(request, text=text, error=str(error), status=400)
        asset = asset_named(request.POST.get("asset", ""), request.user, Action.ASK)
        if asset is None:
            unchosen = "Choose the app or Page that this ID comes from."
            return self._page(request, text=value, choices=_choices(request), error=unchosen, status=400)
        request.session[LAST_CHOICE] = key_of(asset)
        return self._ask(request, asset, value)

    def _ask(self, request: HttpRequest, asset: FacebookApp | Page, value: str) -> HttpResponse:
        column = "app" if isinstance(asset, FacebookApp) else "page"
        known = ScopedID.objects.filter(**{column: asset, "value": value}).first()
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


def _found(text: str, user: Any) -> Found:
    """Search among what the user may see."""
    return search(
        text,
        ids=visible(ScopedID.objects.all(), user),
        people=visible(Person.objects.all(), user),
        names=visible(Profile.objects.all(), user),
    )


def _named(persons: list[Person]) -> list[tuple[Person, str]]:
    """Give each person with the name read last."""
    rows = Profile.objects.filter(scoped_id__person__in=persons).exclude(name="").order_by("read_at")
    names = dict(rows.values_list("scoped_id__person", "name"))
    return [(person, names.get(person.pk, "")) for person in persons]


def _why_nothing(text: str, error: NotAnID) -> str:
    """Say why nothing was found: a name nobody has, or something that is no ID."""
    if any(character.isalpha() for character in text) and not any(character.isdigit() for character in text):
        return f"Nobody you may see is called so. And {error}"
    return str(error)


def _choices(request: HttpRequest) -> dict[Business, list[Choice]]:
    """All apps and Pages the user may ask about, by business; the last choice first chosen."""
    last = request.session.get(LAST_CHOICE, "")
    mine = list(businesses_of(request.user, Action.ASK))
    pages = Page.objects.filter(business__in=mine).select_related("business", "managed_by")
    apps = FacebookApp.objects.filter(business__in=mine).select_related("business")
    assets: list[FacebookApp | Page] = [*pages, *apps]
    planned = plans(assets)
    choices: dict[Business, list[Choice]] = {business: [] for business in mine}
    for asset in assets:
        choices[asset.business].append(Choice(asset, planned[asset], key_of(asset) == last))
    return {business: rows for business, rows in choices.items() if rows}
