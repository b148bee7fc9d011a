"""All links of a business, narrowed by filters: a row for each scoped ID, or a row for each person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef

from businesses.models import Asset, Business
from lookups.lists.exports.cells import CHUNK, Cells, utc_text
from lookups.lists.exports.linked import Columns, LinkedID, LinkedPerson, LinkState, load_people
from lookups.models import Person, ScopedID

HEADER_OF_IDS = [
    "person", "kind", "app or Page", "ID of the app or Page", "scoped ID", "first seen", "confirmed", "state",
    "in conflict",
]  # fmt: skip


class Shape(StrEnum):
    """Whether a row is about an ID or about a person."""

    IDS = "ids"
    PEOPLE = "people"


@dataclass(frozen=True)
class Filters:
    """The filters of an export; each one that is set narrows it. `stale_before` keeps what was not confirmed since."""

    asset: Asset | None = None
    state: LinkState | None = None
    confirmed_since: datetime | None = None
    confirmed_before: datetime | None = None
    stale_before: datetime | None = None

    def take(self, state: LinkState, confirmed: datetime | None) -> bool:
        """Tell whether the filters keep an ID or person with this state and time of confirmation."""
        wanted = self.state in (None, state)
        wanted = wanted and (
            self.confirmed_since is None or (confirmed is not None and confirmed >= self.confirmed_since)
        )
        wanted = wanted and (
            self.confirmed_before is None or (confirmed is not None and confirmed < self.confirmed_before)
        )
        return wanted and (self.stale_before is None or confirmed is None or confirmed < self.stale_before)


def links_of(business: Business, shape: Shape, filters: Filters) -> Iterator[Cells]:
    """Give the header, then the rows that the filters keep; they judge the times and states that the rows show."""
    return _of_ids(business, filters) if shape == Shape.IDS else _of_people(business, filters)


def _of_ids(business: Business, filters: Filters) -> Iterator[Cells]:
    yield HEADER_OF_IDS
    rows = ScopedID.objects.filter(business=business).order_by("pk")
    if filters.asset:
        rows = rows.filter(asset=filters.asset)
    assets = business.assets.in_bulk()
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", "person")[:CHUNK]):
        persons = load_people({person for _, person in chunk})
        ids = {one.scoped_id.pk: (person, one) for person in persons.values() for one in person.ids}
        for key, _ in chunk:
            if key in ids and _is_wanted(filters, *ids[key]):
                yield _id_row(*ids[key], assets)
        last = chunk[-1][0]


def _is_wanted(filters: Filters, person: LinkedPerson, one: LinkedID) -> bool:
    return filters.take(_state_of(person, one), one.confirmed)


def _state_of(person: LinkedPerson, one: LinkedID) -> LinkState:
    return LinkState.IN_CONFLICT if person.in_conflict else one.state


def _id_row(person: LinkedPerson, one: LinkedID, assets: dict[int, Asset]) -> Cells:
    row = one.scoped_id
    asset = assets.get(row.asset_id) or row.asset  # somebody may have added it while the file was being written
    return [
        person.public_id,
        asset.kind_of.scoped_id,
        str(asset),
        asset.graph_id,
        row.value,
        utc_text(row.first_seen),
        utc_text(one.confirmed),
        str(one.state),
        "in conflict" if person.in_conflict else "",
    ]


def _of_people(business: Business, filters: Filters) -> Iterator[Cells]:
    columns = Columns(business)
    yield ["person", *columns.header, "confirmed", "state"]
    members = ScopedID.objects.filter(business=business)
    if filters.asset:
        members = members.filter(asset=filters.asset)
    # EXISTS, not IN: with IN each chunk would gather the IDs of the whole business anew.
    rows = Person.objects.filter(Exists(members.filter(person=OuterRef("pk"))), business=business).order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        persons = load_people(chunk)
        for key in chunk:
            person = persons.get(key)
            if person and filters.take(person.state, person.confirmed):
                yield [person.public_id, *columns.cells(person), utc_text(person.confirmed), str(person.state)]
        last = chunk[-1]
