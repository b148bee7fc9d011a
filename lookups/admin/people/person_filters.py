"""The filters of the list of people. The address holds them, so users can keep a filtered list as a link."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from businesses.access import businesses_of, visible
from businesses.admin.offering import OF_BUSINESS, offered
from businesses.models import Asset
from businesses.row_keys import is_row_key
from lookups.evidence import conflicts
from lookups.evidence.freshness import has_stale
from lookups.models import MatchEvent, Person, PersonEvent, ScopedID
from lookups.models.policy_review import under_review

_FIRST_A_BUSINESS = ("none", "Choose a business first")


class _AssetFilter(SimpleListFilter):
    """A filter by one app or Page that the user may see; the address holds its key."""

    _asset: Asset | None = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the user's apps, then the Pages; if they are too many, those of a business that is chosen first."""
        mine = visible(Asset.objects.order_by("kind", "name", "pk"), request.user)
        value = self.value() or ""
        self._asset = mine.filter(pk=value).first() if is_row_key(value) else None
        assets = list(offered(mine, request))
        if self._asset and self._asset not in assets:  # the address of a list that was kept as a link
            assets.append(self._asset)
        offers = [(str(asset.pk), f"{capfirst(asset.get_kind_display())} {asset}") for asset in assets]
        has_chosen = OF_BUSINESS in request.GET
        return offers or ([_FIRST_A_BUSINESS] if mine.exists() and not has_chosen else [])

    def chosen(self) -> int | None:
        """Give the key of the chosen app or Page; None if the user may see no such one."""
        return self._asset.pk if self._asset else None


class LinkedTo(_AssetFilter):
    """Keeps persons with an ID in the chosen app or Page."""

    title = "linked to"
    parameter_name = "linked"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        asset = self.chosen()
        return queryset if asset is None else queryset.filter(_has_id_in(asset))


class NotLinkedTo(_AssetFilter):
    """Keeps persons without an ID in the chosen app or Page."""

    title = "not linked to"
    parameter_name = "missing"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list; only to persons of the business of that app or Page."""
        asset = self.chosen()
        if asset is None:
            return queryset
        return queryset.filter(~_has_id_in(asset), business__in=Asset.objects.filter(pk=asset).values("business"))


def _has_id_in(asset: int) -> Exists:
    return Exists(ScopedID.objects.filter(person=OuterRef("pk"), asset=asset))


class StateFilter(SimpleListFilter):
    """Keeps persons in conflict, stale ones, or those of a business under review."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the states."""
        return [("conflict", "In conflict"), ("stale", "Stale"), ("review", "Under review")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        ways: dict[str, Callable[[], Any]] = {
            "conflict": conflicts.has_open,
            "stale": lambda: has_stale(businesses_of(request.user), timezone.now()),
            "review": under_review,
        }
        way = ways.get(self.value() or "")
        return queryset.filter(way()) if way else queryset


class ChangedSince(SimpleListFilter):
    """Keeps persons that were found, joined or split, or whose links changed, within some days."""

    title = "changed"
    parameter_name = "changed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the spans of time."""
        return [("1", "In the last 24 hours"), ("7", "In the last 7 days"), ("30", "In the last 30 days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow the list."""
        if self.value() not in {"1", "7", "30"}:
            return queryset
        since = timezone.now() - timedelta(days=int(self.value() or 0))
        return queryset.filter(pk__in=_changed(since))


def _changed(since: datetime) -> QuerySet:
    """Give the persons that changed: it begins with what happened since, not with all persons."""
    first = ScopedID.objects.filter(public_id=OuterRef("public_id"), first_seen__gte=since)
    # An answer stored late can move the first sight back, never on: whoever was made before was seen before.
    found = Person.objects.order_by().filter(Exists(first), created_at__gte=since)
    moved = PersonEvent.objects.order_by().filter(at__gte=since)
    links = MatchEvent.objects.order_by().filter(at__gte=since)
    return found.values("pk").union(
        moved.values("person"),
        moved.exclude(other=None).values("other"),
        links.values("match__source__person"),
        links.values("match__target__person"),
    )
