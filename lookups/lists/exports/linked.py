"""Persons for exports: their IDs, when each was last confirmed, and whether their links are certain."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from businesses.models import Business, FacebookApp, Page
from lookups.models import Conflict, Match, MatchState, Person, ScopedID

Place = tuple[int | None, int | None]  # keys of the app or the Page
Asset = FacebookApp | Page


class State(StrEnum):
    """What is known of an ID's link to the others of its person."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    ALONE = "alone"
    IN_CONFLICT = "in conflict"


@dataclass
class LinkedID:
    """One ID of a person."""

    scoped_id: ScopedID
    state: State = State.ALONE
    confirmed: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it is known."""
        return self.scoped_id.app_id, self.scoped_id.page_id

    def confirm(self, at: datetime | None) -> None:
        """Take in that it was confirmed then."""
        self.confirmed = max((known for known in (at, self.confirmed) if known), default=None)


@dataclass
class LinkedPerson:
    """A person with all IDs, in the order in which they were first seen."""

    public_id: str
    ids: list[LinkedID] = field(default_factory=list)
    in_conflict: bool = False

    @property
    def state(self) -> State:
        """The weakest of its links, and no link is certain while a conflict is open."""
        if self.in_conflict:
            return State.IN_CONFLICT
        states = {one.state for one in self.ids}
        return next((state for state in (State.UNCONFIRMED, State.CONFIRMED) if state in states), State.ALONE)

    @property
    def confirmed(self) -> datetime | None:
        """Since when all IDs have been confirmed: the oldest of their times, or nothing if one has none."""
        times = [one.confirmed for one in self.ids]
        return min((at for at in times if at), default=None) if all(times) else None


def load(keys: Collection[int]) -> dict[int, LinkedPerson]:
    """Read persons by their keys; five queries, however many."""
    names = Person.objects.filter(pk__in=keys).order_by().values_list("pk", "public_id")
    persons = {key: LinkedPerson(public_id) for key, public_id in names}
    ids: dict[int, LinkedID] = {}
    for row in ScopedID.objects.filter(person__in=keys).order_by("first_seen", "pk"):
        if row.person_id in persons:  # one that came between the two queries waits for the next export
            ids[row.pk] = LinkedID(row)
            persons[row.person_id].ids.append(ids[row.pk])
    _confirm(ids, keys)
    _mark_conflicts(persons, keys)
    return persons


def _confirm(ids: dict[int, LinkedID], keys: Collection[int]) -> None:
    """Let live matches confirm their ends, and each ID's own answers itself."""
    for match in Match.objects.filter(is_live=True, source__person__in=keys).order_by():
        ends = [ids[match.source_id], ids[match.target_id]] if {match.source_id, match.target_id} <= ids.keys() else []
        if not ends or ends[0].scoped_id.person_id != ends[1].scoped_id.person_id:
            continue  # a pair that is kept apart lies between
        match.source = ends[0].scoped_id
        for end in ends:
            end.confirm(match.confirmed_at)
            if match.state == MatchState.CONFIRMED:
                end.state = State.CONFIRMED
            elif end.state == State.ALONE:
                end.state = State.UNCONFIRMED
    for one in ids.values():
        one.confirm(one.scoped_id.apps_answered_at)
        one.confirm(one.scoped_id.pages_answered_at)


def _mark_conflicts(persons: dict[int, LinkedPerson], keys: Collection[int]) -> None:
    running = Conflict.objects.filter(ended_at=None, settled_by=None).order_by()
    for end in ("one__person", "other__person"):
        for person in running.filter(**{f"{end}__in": keys}).values_list(end, flat=True):
            if person in persons:
                persons[person].in_conflict = True


class Columns:
    """One column for each app and Page of a business, and one for IDs that are not certain."""

    def __init__(self, business: Business) -> None:
        self.assets: Sequence[Asset] = [
            *business.apps.order_by("name", "pk"), *business.pages.order_by("name", "pk")
        ]  # fmt: skip
        kinds = [f"{_kind(asset)} in {asset} ({asset.graph_id})" for asset in self.assets]
        self.header = [*kinds, "in conflict"]  # kind, name and Graph's ID of each, then the IDs in conflict
        self._number = {place_of(asset): number for number, asset in enumerate(self.assets)}

    def cells(self, person: LinkedPerson | None, own: ScopedID | None = None) -> list[str]:
        """Give the person's IDs, several in one place joined by a blank.

        Of a person in conflict only the `own` ID, about which the row is, stands in its column. All others
        stand in the last one, where nobody takes them for certain.
        """
        places: dict[int, list[str]] = defaultdict(list)
        uncertain = []
        for one in person.ids if person else ():
            number = self._number.get(one.place)
            if number is None:  # an app or Page that was added while the file is written
                continue
            if person and person.in_conflict and one.scoped_id != own:
                uncertain.append(f"{self.header[number]}: {one.scoped_id.value}")
            else:
                places[number].append(one.scoped_id.value)
        return [*(" ".join(places[number]) for number in range(len(self.assets))), "; ".join(uncertain)]


def place_of(asset: Asset) -> Place:
    """Name an app or Page by its key."""
    return (asset.pk, None) if isinstance(asset, FacebookApp) else (None, asset.pk)


def _kind(asset: Asset) -> str:
    return "ASID" if isinstance(asset, FacebookApp) else "PSID"
