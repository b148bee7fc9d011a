"""Compute the persons of a business anew from its evidence; find the stored persons that differ, and mend them.

The first pass reads all scoped IDs and live matches as plain integers. An ID takes some 40 bytes, so a million of
them fit in memory. The second pass looks at the doubtful sets: those with two IDs kept apart, and those whose
stored person is wrong. It loads one set at a time as a region, alone with the business, so it also sees
what workers changed during the first pass.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone

from businesses import turns
from businesses.models import Asset, Business
from lookups.evidence import conflicts
from lookups.evidence.region import Region
from lookups.evidence.settling import Rebuilding, settle
from lookups.models import Decision, Match, ScopedID

CHUNK = 5000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHOWN = 8

Progress = Callable[[str, int, int], None]  # the name of the step, how many are done, how many there are


@dataclass(frozen=True)
class Difference:
    """A person whom the evidence makes, but who is stored differently.

    `members` are the person's IDs by the evidence. `found` are the public IDs of the stored persons that hold
    these IDs. `strangers` are further IDs that those persons hold, though they are not the members'.
    """

    members: Sequence[ScopedID]
    found: Sequence[str]
    strangers: Sequence[ScopedID]

    @property
    def expected(self) -> str:
        """The public ID that the person should have: that of the ID seen first."""
        return self.members[0].public_id

    def __str__(self) -> str:
        besides = f"; stored together with {_names(self.strangers)}" if self.strangers else ""
        public_id = f"public ID expected {self.expected}, found {', '.join(self.found)}"
        alone = "a person alone" if len(self.members) == 1 else "one person"
        return f"{_names(self.members)} should be {alone}{besides}; {public_id}"


def _names(members: Sequence[ScopedID]) -> str:
    shown = [f"{member} of “{member.asset}”" for member in members[:_SHOWN]]
    more = len(members) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def rebuild(business: Business, *, mend: bool, progress: Progress = lambda *told: None) -> Iterator[Difference]:
    """Give the differences, person by person; with `mend`, each is mended before it is given."""
    sieve = _sift(business, progress)
    total, done = sieve.count_doubtful(), 0
    for key in sieve.doubtful():
        with transaction.atomic():
            region = _whole(turns.alone_with(business.pk), key)
            found = _differences(region)
            if found and mend:
                _mend(region)
        done += sieve.clear([member.pk for member in region.members.values()])
        progress("Looking closely", done, total)
        yield from found


@dataclass
class _Sieve:
    """Union-find over the rows of scoped IDs, which are numbered in the order of their keys.

    The root of a set is the ID that was seen first. If two IDs have the same time and the same app or Page, the
    set is doubtful: the second pass decides.
    """

    keys: "array[int]" = field(default_factory=lambda: array("q"))
    persons: "array[int]" = field(default_factory=lambda: array("q"))
    seen: "array[int]" = field(default_factory=lambda: array("q"))
    assets: "array[int]" = field(default_factory=lambda: array("i"))
    parents: "array[int]" = field(default_factory=lambda: array("i"))
    named: bytearray = field(default_factory=bytearray)  # whether the ID's person bears the ID's public ID
    doubts: bytearray = field(default_factory=bytearray)

    def add(self, key: int, person: int, seen: int, asset: int, named: bool) -> None:
        """Take in a scoped ID."""
        self.parents.append(len(self.keys))
        self.keys.append(key)
        self.persons.append(person)
        self.seen.append(seen)
        self.assets.append(asset)
        self.named.append(named)
        self.doubts.append(False)

    def place(self, key: int) -> int | None:
        """Give the number of a row; None for a row that was stored after the first pass read it."""
        number = bisect_left(self.keys, key)
        return number if number < len(self.keys) and self.keys[number] == key else None

    def root(self, number: int) -> int:
        """Give the root of a row's set, and shorten the path to it."""
        parents = self.parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def join(self, one: int | None, other: int | None) -> None:
        """Join the sets of two rows."""
        if one is None or other is None:
            return
        first, second = self.root(one), self.root(other)
        if first == second:
            return
        order, against = (self.seen[first], self.assets[first]), (self.seen[second], self.assets[second])
        if order == against:
            self.doubts[first] = True
        elif against < order:
            first, second = second, first
        self.parents[second] = first

    def keep_apart(self, one: int | None, other: int | None) -> None:
        """Mark the set as doubtful if it holds both of these IDs, which are kept apart."""
        if one is not None and other is not None and self.root(one) == self.root(other):
            self.doubts[self.root(one)] = True

    def judge(self) -> None:
        """Mark each set as doubtful that is not stored as one person with the public ID of its root.

        This also finds two sets that are stored as one person: that person can bear the name of only one root.
        """
        for number in range(len(self.keys)):
            root = self.root(number)
            if self.persons[number] != self.persons[root] or not self.named[root] or self.doubts[number]:
                self.doubts[root] = True
        for number in range(len(self.keys)):
            self.doubts[number] = self.doubts[number] and self.parents[number] == number

    def count_doubtful(self) -> int:
        """How many sets are in doubt."""
        return self.doubts.count(True)

    def doubtful(self) -> Iterator[int]:
        """Give the key of one row of each doubtful set, except the sets that are cleared meanwhile."""
        number = self.doubts.find(True)
        while number >= 0:
            yield self.keys[number]
            self.doubts[number] = False
            number = self.doubts.find(True, number)

    def clear(self, keys: Iterable[int]) -> int:
        """Clear the doubtful sets of these rows, which were looked at; gives how many sets."""
        roots = {self.root(place) for key in keys if (place := self.place(key)) is not None}
        cleared = [root for root in roots if self.doubts[root]]
        for root in cleared:
            self.doubts[root] = False
        return len(cleared)


def _sift(business: Business, progress: Progress) -> _Sieve:
    sieve, ranks = _Sieve(), _ranks(business)
    for key, person, seen, asset, named in _counted(_scoped_ids(business), "Reading IDs", progress):
        sieve.add(key, person, (seen - _EPOCH) // _MICROSECOND, ranks.get(asset, -1), named)
    for source, target in _counted(_live_matches(business), "Reading matches", progress):
        sieve.join(sieve.place(source), sieve.place(target))
    kept = Decision.objects.filter(business=business, kind=Decision.Kind.KEEP_APART, undone_at=None)
    for one, other in kept.values_list("one", "other").iterator(CHUNK):
        sieve.keep_apart(sieve.place(one), sieve.place(other))
    sieve.judge()
    return sieve


def _ranks(business: Business) -> dict[int, int]:
    """Rank apps and Pages: the rank decides which of two IDs seen at the same moment is the first."""
    ordered = Asset.objects.filter(business=business).values_list("kind", "graph_id", "pk")
    return {pk: rank for rank, (_, _, pk) in enumerate(sorted(ordered))}


def _scoped_ids(business: Business) -> "QuerySet[ScopedID, tuple[Any, ...]]":
    named = ExpressionWrapper(Q(public_id=F("person__public_id")), output_field=BooleanField())
    rows = ScopedID.objects.filter(business=business).order_by("pk").annotate(names_its_person=named)
    return rows.values_list("pk", "person_id", "first_seen", "asset_id", "names_its_person")


def _live_matches(business: Business) -> "QuerySet[Match, tuple[Any, ...]]":
    return Match.objects.filter(business=business, is_live=True).values_list("source_id", "target_id")


def _counted(rows: "QuerySet[Any, tuple[Any, ...]]", what: str, progress: Progress) -> Iterator[tuple[Any, ...]]:
    total = rows.count()
    for number, row in enumerate(rows.iterator(CHUNK)):
        if number % CHUNK == 0:
            progress(what, min(number, total), total)
        yield row
    progress(what, total, total)


def _whole(business: Business, key: int) -> Region:
    """Load a row's region: all IDs that are linked with it, or stored with one of them, rightly or wrongly."""
    region = Region.around(business, ScopedID.objects.filter(pk=key).only("person"))
    while beyond := _beyond(region):
        region = Region.around(business, [*region.members.values(), *beyond])
    return region


def _beyond(region: Region) -> list[ScopedID]:
    """Give IDs outside the region to which live matches lead, or whose person bears a member's public ID."""
    keys = {member.pk for member in region.members.values()}
    ends = Match.objects.filter(Q(source__in=keys) | Q(target__in=keys), is_live=True)
    linked = {key for pair in ends.values_list("source_id", "target_id") for key in pair} - keys
    rows = ScopedID.objects.filter(Q(pk__in=linked) | Q(person__public_id__in=region.members), business=region.business)
    return [row for row in rows.only("person") if row.pk not in keys]


def _differences(region: Region) -> list[Difference]:
    """Compare the persons that the evidence makes with those stored."""
    stored: dict[str, list[ScopedID]] = defaultdict(list)
    for member in region.members.values():
        stored[member.person.public_id].append(member)
    differences = []
    for group in region.groups():
        inside, found = {member.pk for member in group}, sorted({member.person.public_id for member in group})
        strangers = [member for name in found for member in stored[name] if member.pk not in inside]
        strangers.sort(key=lambda member: member.founding_order)  # the database gives them in no order
        if strangers or found != [group[0].public_id]:
            differences.append(Difference(group, found, strangers))
    return differences


def _mend(region: Region) -> None:
    now = timezone.now()
    groups = settle(region, lambda members: Rebuilding(now))
    conflicts.refresh(region, groups, now=now)
