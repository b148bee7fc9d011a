"""The links of an import, read step by step: which persons its lookups touch, and which links only it brought."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from businesses.models import Business
from lookups.evidence.region import Region
from lookups.evidence.undoing.origins import Ends, Origin, ends_of, links_among, origin_of, runs_behind
from lookups.models import BY_HAND, Lookup, Match, Run, ScopedID

STEP = 200  # lookups or matches a transaction


def asked_after(run: Run, lookup: int) -> "QuerySet[Lookup, tuple[int, Any]]":
    """Give a run's lookups after one, in order, each with the scoped ID that it was about."""
    rows = Lookup.objects.filter(run=run, pk__gt=lookup, scoped_id__isnull=False)
    return rows.order_by("pk").values_list("pk", "scoped_id")


def region_of(business: Business, asked: Iterable[tuple[int, Any]]) -> Region:
    """Load the persons of the IDs that were asked about."""
    keys = [scoped_id for _, scoped_id in asked]
    return Region.around(business, ScopedID.objects.filter(pk__in=keys).only("person"))


def links_by_origin(region: Region, run: Run, asked: Iterable[tuple[int, Any]]) -> dict[Origin, list[list[Match]]]:
    """Sort the live links from the IDs that were asked about by how they came about."""
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
    """Give the matches to retract: both directions of the run's own links, also what answers gave once."""
    alone = (match for link in links.get(Origin.ALONE, ()) for match in link)
    return [match for match in alone if match.retracted_by_id is None and match.edge != BY_HAND]
