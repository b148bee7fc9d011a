"""The person page: the grid of apps and Pages, proofs, history; and the buttons that ask again."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, may, visible
from businesses.models import FacebookApp, Page
from lookups.admin.finding import asset_named
from lookups.asking import CannotAsk, ask_again, ask_cell
from lookups.models import Lookup, Person, PersonEvent, Profile
from lookups.person_grid import grid_of
from lookups.tasks import wake

LOOKUPS_SHOWN = 20


def _person(request: HttpRequest, public_id: str) -> Person:
    person = visible(Person.objects.select_related("business"), request.user).filter(public_id=public_id).first()
    if person is None:
        raise Http404
    return person


class PersonView(View):
    """What is known of one person, and why."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the person; an address whose person was joined to another leads there."""
        person = _person(request, public_id)
        today = person.now()
        if today != person:
            joined = PersonEvent.objects.filter(person=person, kind=PersonEvent.Kind.JOINED).first()
            since = f" since {joined.at:%d %B %Y, %H:%M} UTC" if joined else ""
            messages.info(request, f"{person} is part of this person{since}.")
            return HttpResponseRedirect(today.address)
        context = {**admin.site.each_context(request), **_facts(request, person)}
        return render(request, "lookups/person.html", context)


class AskView(View):
    """Ask anew: about all (`everything`) or about one app or Page (`asset`)."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Start the run and lead to its lookup, or say why it can't be asked."""
        person = _person(request, public_id)
        if not may(request.user, Action.ASK, person):
            raise Http404
        asset = None
        if "asset" in request.POST:
            asset = asset_named(request.POST["asset"], request.user, Action.ASK)
            if asset is None or asset.business_id != person.business_id:
                raise Http404
        reasons: list[str] = []
        try:
            with transaction.atomic():
                lookup = _start(request, person, asset)
                transaction.on_commit(wake)
        except CannotAsk as error:
            reasons = [f"{reason.text} {reason.remedy}" for reason in error.plan.reasons]
        if reasons:
            messages.error(request, "Not asked. " + " ".join(reasons))
            return HttpResponseRedirect(person.address)
        return HttpResponseRedirect(f"{lookup.address}?then=person")


def _start(request: HttpRequest, person: Person, asset: FacebookApp | Page | None) -> Lookup:
    now = timezone.now()
    if asset:
        return ask_cell(person=person, only=asset, by=request.user, now=now)
    return ask_again(person=person, by=request.user, now=now)


def _facts(request: HttpRequest, person: Person) -> dict[str, Any]:
    profile = Profile.objects.filter(scoped_id__person=person).order_by("-read_at").first()
    events = PersonEvent.objects.filter(Q(person=person) | Q(other=person))
    lookups = Lookup.objects.filter(scoped_id__person=person).select_related("app", "page", "run__asked_by")
    return {
        "title": profile.name if profile else "Person without a name",
        "person": person,
        "profile": profile,
        "grid": grid_of(person, now=timezone.now()),
        "events": events.select_related("person", "other", "answer__lookup")[:LOOKUPS_SHOWN],
        "lookups": lookups.prefetch_related("answers")[:LOOKUPS_SHOWN],
        "may_ask": may(request.user, Action.ASK, person),
    }
