"""The person page: the grid of apps and Pages, proofs, history, and the buttons that ask again."""

from datetime import UTC, datetime, time
from operator import attrgetter
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import format_html
from django.utils.timezone import is_aware
from django.views import View

from businesses.access import Action, may, visible
from businesses.models import Asset
from lookups.admin.asking.finding import asset_named
from lookups.admin.people.person_picture import picture_of, picture_of_past
from lookups.asking.starting import CannotAsk, ask_again, ask_cell
from lookups.models import Lookup, Person, PersonEvent, Profile
from lookups.models.outcomes import Edge
from lookups.people.grid import grid_of
from lookups.people.history import as_of
from lookups.people.known import known_of
from lookups.people.timeline import timeline
from lookups.tasks import wake
from lookups.templatetags.remedies import told

LOOKUPS_SHOWN = 20


def _person(request: HttpRequest, public_id: str) -> Person:
    person = visible(Person.objects.select_related("business"), request.user).filter(public_id=public_id).first()
    if person is None:
        raise Http404
    return person


class PersonView(View):
    """What is known of one person, and why."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the person. The address of a person that was joined to another leads to the other."""
        person = _person(request, public_id)
        today = person.now()
        if today != person and not request.GET.get("on"):
            joined = PersonEvent.objects.filter(person=person, kind=PersonEvent.Kind.JOINED).first()
            since = f" since {joined.at:%d %B %Y, %H:%M} UTC" if joined else ""
            messages.info(request, f"{person} is part of this person{since}.")
            return HttpResponseRedirect(today.address)
        if request.GET.get("on"):
            return self._past(request, person)
        context = {**admin.site.each_context(request), **_facts(request, person)}
        return render(request, "lookups/person.html", context)

    def _past(self, request: HttpRequest, person: Person) -> HttpResponse:
        """Show the person as known at a past moment: `on` is a date, or a time in UTC."""
        at = _moment_named(request.GET["on"])
        if at is None:
            messages.error(request, "That is not a date. Write it like 2026-05-03.")
            return HttpResponseRedirect(person.address)
        at = min(at, timezone.now())
        past = as_of(person, at)
        context = {
            **admin.site.each_context(request),
            "title": f"As of {at:%d %B %Y}",
            "person": person,
            "at": at,
            "on": request.GET["on"],
            "past": past,
            "picture": picture_of_past(past) if past else None,
        }
        return render(request, "lookups/past.html", context)


class AskView(View):
    """The buttons that ask again: about all (`everything`), or about one app or Page (`asset`)."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Start a run and lead to its lookup, or say why Graph can't be asked."""
        person = _person(request, public_id)
        if not may(request.user, Action.ASK, person):
            raise Http404
        asset = None
        if "asset" in request.POST:
            asset = asset_named(request.POST["asset"], request.user, Action.ASK)
            if asset is None or asset.business_id != person.business_id:
                raise Http404
        refused = ""
        try:
            with transaction.atomic():
                lookup = _start(request, person, asset)
                transaction.on_commit(wake)
        except CannotAsk as error:
            refused = told(request, error.plan.reasons)
        if refused:
            messages.error(request, format_html("Not asked. {}", refused))
            return HttpResponseRedirect(person.address)
        return HttpResponseRedirect(f"{lookup.address}?then=person")


def _moment_named(text: str) -> datetime | None:
    """Read a date, which means the end of that day in UTC, or a date with time; None for anything else."""
    day = None
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError:  # the form is right, but the calendar has no such day
        return None
    if day is not None:
        return datetime.combine(day, time.max, tzinfo=UTC)
    if moment is None or not is_aware(moment):
        return moment.replace(tzinfo=UTC) if moment else None
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # in UTC the moment lies beyond the calendar
        return None


def _start(request: HttpRequest, person: Person, asset: Asset | None) -> Lookup:
    now = timezone.now()
    if asset:
        return ask_cell(person=person, only=asset, by=request.user, now=now)
    return ask_again(person=person, by=request.user, now=now)


def _facts(request: HttpRequest, person: Person) -> dict[str, Any]:
    rows = Profile.objects.filter(scoped_id__person=person).select_related("scoped_id__asset")
    profiles = list(rows.order_by("-read_at"))
    named = next((profile for profile in profiles if profile.name), None)
    lookups = Lookup.objects.filter(scoped_id__person=person).select_related("asset", "only", "run__asked_by")
    known = known_of(person)
    explain = reverse("admin:lookups_person_explain")
    grid = grid_of(known, now=timezone.now())
    return {
        "title": named.name if named else "Person without a name",
        "person": person,
        "profile": named,
        "profiles": profiles,
        "other_names": sorted({one.name for one in profiles if named and one.name not in ("", named.name)}),
        "conflicts": known.open_conflicts,
        "grid": [(of_kind.kind, of_kind.part(request.GET.get(of_kind.kind))) for of_kind in grid],
        "picture": picture_of(known, explain=explain),
        "timeline": timeline(known),
        "edges": list(Edge),
        "lookups": lookups.prefetch_related("answers")[:LOOKUPS_SHOWN],
        "members": sorted(known.members, key=attrgetter("first_seen", "pk")),
        "today": timezone.now(),
        "may_ask": may(request.user, Action.ASK, person.business),
        "may_decide": may(request.user, Action.DECIDE, person.business),
    }
