"""How the list of people can be narrowed. Each filter stands in the address, so a list can be kept as a link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from businesses.access import businesses_of, visible
from businesses.models import FacebookApp, Page
from lookups.evidence import conflicts
from lookups.models import MatchEvent, PersonEvent, PolicyReview, ScopedID


class _AssetFilter(SimpleListFilter):
    """One app or Page the user may see, as `app:1` or `page:1`."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Own apps, then own Pages."""
        apps = visible(FacebookApp.objects.all(), request.user)
        pages = visible(Page.objects.all(), request.user)
        return [
            *((f"app:{app.pk}", f"App {app}") for app in apps),
            *((f"page:{page.pk}", f"Page {page}") for page in pages),
        ]

    def members(self) -> QuerySet[ScopedID] | None:
        """Give the IDs of the chosen app or Page of a person; None if nothing was chosen from the list."""
        chosen = self.value() or ""
        if chosen not in {str(key) for key, _ in self.lookup_choices}:
            return None
        kind, _, key = chosen.partition(":")
        return ScopedID.objects.filter(person=OuterRef("pk"), **{f"{kind}_id": int(key)})


class LinkedTo(_AssetFilter):
    """Has an ID there."""

    title = "linked to"
    parameter_name = "linked"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        members = self.members()
        return queryset if members is None else queryset.filter(Exists(members))


class NotLinkedTo(_AssetFilter):
    """Has no ID there."""

    title = "not linked to"
    parameter_name = "missing"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list, to persons of that app's or Page's business."""
        members = self.members()
        if members is None:
            return queryset
        kind, _, key = (self.value() or "").partition(":")
        model: Any = FacebookApp if kind == "app" else Page
        return queryset.filter(~Exists(members), business__in=model.objects.filter(pk=int(key)).values("business"))


class StateFilter(SimpleListFilter):
    """In conflict, stale, or of a business under review."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        return [("conflict", "In conflict"), ("stale", "Stale"), ("review", "Under review")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        ways: dict[str, Callable[[], Any]] = {
            "conflict": conflicts.has_open,
            "stale": lambda: _stale(request),
            "review": lambda: Exists(PolicyReview.objects.filter(business=OuterRef("business"), closed_at=None)),
        }
        way = ways.get(self.value() or "")
        return queryset.filter(way()) if way else queryset


def _stale(request: HttpRequest) -> Q:
    """Tell whose IDs none was asked about within the days that its business has set."""
    stale = Q(pk__in=[])
    for business in businesses_of(request.user):
        since = timezone.now() - timedelta(days=business.refresh_days)
        asked = Q(apps_answered_at__gte=since) | Q(pages_answered_at__gte=since)
        fresh = ScopedID.objects.filter(asked, person=OuterRef("pk"))
        stale |= Q(business=business) & ~Q(Exists(fresh))
    return stale


class ChangedSince(SimpleListFilter):
    """Joined, split, found, or with a link that changed, within some days."""

    title = "changed"
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Spans of time."""
        return [("1", "In the last 24 hours"), ("7", "In the last 7 days"), ("30", "In the last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        if self.value() not in {"1", "7", "30"}:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        mine = Q(person=OuterRef("pk")) | Q(other=OuterRef("pk"))
        ends = Q(match__source__person=OuterRef("pk")) | Q(match__target__person=OuterRef("pk"))
        events = Exists(PersonEvent.objects.filter(mine, at__gte=since))
        return queryset.filter(events | Exists(MatchEvent.objects.filter(ends, at__gte=since)))
