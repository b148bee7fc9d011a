"""Read the links of an import step by step: the persons of its lookups, and the links that only it brought."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from businesses.models import Business
from lookups.evidence.region import Region
from lookups.evidence.undoing.origins import Ends, Origin, ends_of, links_among, origin_of, runs_behind
from lookups.models import BY_HAND, Lookup, Match, Run, ScopedID

STEP = 200  # lookups or matches a transaction


def asked_after(run: Run, lookup: int) -> "QuerySet[Lookup, tuple[int, Any]]":
    """Give the lookups of a run that follow the lookup with this key, in order, each with its scoped ID's key."""
    rows = Lookup.objects.filter(run=run, pk__gt=lookup, scoped_id__isnull=False)
    return rows.order_by("pk").values_list("pk", "scoped_id")


def region_of(business: Business, asked: Iterable[tuple[int, Any]]) -> Region:
    """Load the persons of the IDs that these lookups asked about."""
    keys = [scoped_id for _, scoped_id in asked]
    return Region.around(business, ScopedID.objects.filter(pk__in=keys).only("person"))


def links_by_origin(region: Region, run: Run, asked: Iterable[tuple[int, Any]]) -> dict[Origin, list[list[Match]]]:
    """Group the live links that start at the asked IDs by their origin."""
    sources = {scoped_id for _, scoped_id in asked}
    live = [match for match in region.matches if match.is_live and match.source_id in sources]
    touched: set[Ends] = {ends_of(match) for match in live if match.edge != BY_HAND}
    links = {ends: link for ends, link in links_among(region.matches).items() if ends in touched}
    runs = runs_behind(match for link in links.values() for match in link)
    sorted_links: dict[Origin, list[list[Match]]] = {}
    for link in links.values():
        sorted_links.setdefault(origin_of(link, run.pk, runs), []).append(link)
    return sorted_links


def retractable(links: dict[Origin, list[list[Match]]]) -> list[Match]:
    """Give the matches to retract: both directions of the run's own links, even if answers no longer give them."""
    alone = (match for link in links.get(Origin.ALONE, ()) for match in link)
    return [match for match in alone if match.retracted_by_id is None and match.edge != BY_HAND]
