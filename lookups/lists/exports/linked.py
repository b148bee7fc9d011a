"""Persons for exports: their IDs, when each was last confirmed, and whether their links are certain."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from businesses.models import Business
from lookups.evidence.freshness import confirmations_of
from lookups.models import Conflict, Match, MatchState, Person, ScopedID


class LinkState(StrEnum):
    """How certain an ID's link to the other IDs of its person is."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    ALONE = "alone"
    IN_CONFLICT = "in conflict"


@dataclass
class LinkedID:
    """One ID of a person."""

    scoped_id: ScopedID
    state: LinkState = LinkState.ALONE
    confirmed: datetime | None = None


@dataclass
class LinkedPerson:
    """A person with all its IDs, first seen first."""

    public_id: str
    ids: list[LinkedID] = field(default_factory=list)
    in_conflict: bool = False

    @property
    def state(self) -> LinkState:
        """The state of its weakest link; in conflict while a conflict is open."""
        if self.in_conflict:
            return LinkState.IN_CONFLICT
        states = {one.state for one in self.ids}
        worst_first = (LinkState.UNCONFIRMED, LinkState.CONFIRMED)
        return next((state for state in worst_first if state in states), LinkState.ALONE)

    @property
    def confirmed(self) -> datetime | None:
        """The oldest time at which one of its IDs was last confirmed; None if an ID was never confirmed."""
        times = [one.confirmed for one in self.ids]
        return min((at for at in times if at), default=None) if all(times) else None


def load_people(keys: Collection[int]) -> dict[int, LinkedPerson]:
    """Read persons of one business by their keys, with a constant number of queries."""
    names = list(Person.objects.filter(pk__in=keys).order_by().values_list("pk", "public_id", "business"))
    persons = {key: LinkedPerson(public_id) for key, public_id, _ in names}
    confirmed = confirmations_of(names[0][2], keys).latest if names else {}
    ids: dict[int, LinkedID] = {}
    for row in ScopedID.objects.filter(person__in=keys).order_by("first_seen", "pk"):
        if row.person_id in persons:  # an ID stored between the two queries waits for the next export
            ids[row.pk] = LinkedID(row, confirmed=confirmed.get(row.pk))
            persons[row.person_id].ids.append(ids[row.pk])
    _set_states(ids, keys)
    _mark_conflicts(persons, keys)
    return persons


def _set_states(ids: dict[int, LinkedID], keys: Collection[int]) -> None:
    """Set the state of each ID by the live matches that end at it."""
    for match in Match.objects.filter(is_live=True, source__person__in=keys).order_by():
        ends = [ids[match.source_id], ids[match.target_id]] if {match.source_id, match.target_id} <= ids.keys() else []
        if not ends or ends[0].scoped_id.person_id != ends[1].scoped_id.person_id:
            continue  # the match lies between two persons that are kept apart
        for end in ends:
            if match.state == MatchState.CONFIRMED:
                end.state = LinkState.CONFIRMED
            elif end.state == LinkState.ALONE:
                end.state = LinkState.UNCONFIRMED


def _mark_conflicts(persons: dict[int, LinkedPerson], keys: Collection[int]) -> None:
    running = Conflict.objects.filter(ended_at=None, settled_by=None).order_by()
    for end in ("one__person", "other__person"):
        for person in running.filter(**{f"{end}__in": keys}).values_list(end, flat=True):
            if person in persons:
                persons[person].in_conflict = True


class Columns:
    """One column for each app and Page of a business, and one for IDs that are not certain."""

    def __init__(self, business: Business) -> None:
        self.assets = list(business.assets.order_by("kind", "name", "pk"))  # apps first
        kinds = [f"{asset.kind_of.scoped_id} in {asset} ({asset.graph_id})" for asset in self.assets]
        self.header = [*kinds, "in conflict"]  # kind, name and Graph's ID of each, then the IDs in conflict
        self._number = {asset.pk: number for number, asset in enumerate(self.assets)}

    def cells(self, person: LinkedPerson | None, own: ScopedID | None = None) -> list[str]:
        """Give the person's IDs, several of one app or Page joined by a blank.

        Of a person in conflict, only the `own` ID (the row's) goes into its column. All others go into the last
        column, so nobody takes them for certain.
        """
        certain: dict[int, list[str]] = defaultdict(list)
        uncertain = []
        for one in person.ids if person else ():
            number = self._number.get(one.scoped_id.asset_id)
            if number is None:  # somebody added this app or Page while the file was being written
                continue
            if person and person.in_conflict and one.scoped_id != own:
                uncertain.append(f"{self.header[number]}: {one.scoped_id.value}")
            else:
                certain[number].append(one.scoped_id.value)
        return [*(" ".join(certain[number]) for number in range(len(self.assets))), "; ".join(uncertain)]
