"""A region: whole persons with all evidence about them, in memory.

Every change is made in a region first; `settling` then stores the persons that follow from it. A preview makes the
same change and stores nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Self

from django.db.models import Q, QuerySet

from businesses.models import Asset, Business
from lookups.evidence.components import Link, components
from lookups.models import Decision, Match, Person, ScopedID


class MustBeAlone(Exception):
    """The evidence reaches persons beyond those that are locked: no other transaction may change it meanwhile."""


@dataclass
class Region:
    """Scoped IDs by public ID, the matches from them, and the pairs among them that are kept apart.

    `fresh` are the public IDs of the scoped IDs that were not stored when they were added.
    """

    business: Business
    members: dict[str, ScopedID] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    apart: set[tuple[str, str]] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)

    @classmethod
    def around(cls, business: Business, seeds: Iterable[ScopedID]) -> Self:
        """Load the persons of these IDs, as `of_persons` does."""
        return cls.of_persons(business, {seed.person_id for seed in seeds})

    @classmethod
    def of_persons(cls, business: Business, persons: Collection[int], *, alone: bool = True) -> Self:
        """Load these persons, and the persons at the other end of retracted matches and of skipped matches.

        A match is skipped if it would join a pair that is kept apart. Answers still contain such matches, and
        conflicts are about them. If there are no such matches, the number of queries is constant. A caller who is not
        `alone` with the business's evidence (see `businesses.turns`) gets the persons locked, or MustBeAlone.
        """
        region, beyond = cls(business), set(persons)
        if beyond and not alone:
            # Locked in the order of their keys, and before anything of them is read.
            list(Person.objects.filter(pk__in=beyond).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        is_decided = bool(beyond) and Decision.objects.filter(business=business).exists()
        while beyond:
            region._load(beyond)
            if is_decided:
                region._load_apart()
            beyond = region._persons_beyond() if is_decided else set()
            if beyond and not alone:
                raise MustBeAlone
        region._load_matches(with_retractions=is_decided)
        return region

    def _load(self, persons: set[int]) -> None:
        """Load the IDs of these persons; each person and each asset is read once, not with each ID."""
        rows = list(ScopedID.objects.filter(person__in=persons, business=self.business))
        owners = Person.objects.in_bulk(persons)
        assets = Asset.objects.in_bulk({row.asset_id for row in rows})
        for row in rows:
            row.person, row.asset = owners[row.person_id], assets[row.asset_id]
            self.members[row.public_id] = row

    def _load_apart(self) -> None:
        keys = [row.pk for row in self.members.values()]
        kept = Decision.objects.filter(business=self.business, kind=Decision.Kind.KEEP_APART, undone_at=None)
        pairs = kept.filter(Q(one__in=keys) | Q(other__in=keys)) if keys else kept.none()
        self.apart = {(one, other) for one, other in pairs.values_list("one__public_id", "other__public_id")}

    def _persons_beyond(self) -> set[int]:
        """Give the persons outside the region to whom a retracted or a skipped match leads."""
        keys = [row.pk for row in self.members.values()]
        ends = Match.objects.filter(Q(source__in=keys) | Q(target__in=keys))
        skipped = Q(is_live=True) if self.apart else Q(pk__in=[])
        pairs = ends.filter(skipped | Q(retracted_by__isnull=False)).values_list("source__person", "target__person")
        return {person for pair in pairs for person in pair} - {row.person_id for row in self.members.values()}

    def _load_matches(self, *, with_retractions: bool) -> None:
        by_key = {row.pk: row for row in self.members.values()}
        rows = Match.objects.filter(source__person__in={row.person_id for row in by_key.values()}).order_by("pk")
        for match in rows.select_related("retracted_by") if with_retractions else rows:
            if match.target_id in by_key:
                match.source, match.target = by_key[match.source_id], by_key[match.target_id]
                self.matches.append(match)

    def add(self, fresh: Iterable[ScopedID]) -> None:
        """Take in scoped IDs that are not stored yet."""
        news = {row.public_id: row for row in fresh}
        self.members |= news
        self.fresh |= news.keys()

    def links(self) -> list[Link]:
        """Give the live matches."""
        return [
            Link(match.first_seen, match.source.public_id, match.target.public_id, match.edge)
            for match in self.matches
            if match.is_live
        ]

    def groups(self) -> list[list[ScopedID]]:
        """Give the persons that the evidence makes, each as its IDs in founding order, the founder first."""
        parts = components(self.members, self.links(), self.apart)
        ordered = [sorted((self.members[name] for name in part), key=lambda row: row.founding_order) for part in parts]
        return sorted(ordered, key=lambda group: group[0].founding_order)

    def are_kept_apart(self, one: ScopedID, other: ScopedID) -> bool:
        """Tell whether a decision keeps an ID of the one's person apart from an ID of the other's person."""
        place = {member.public_id: number for number, group in enumerate(self.groups()) for member in group}
        ends = {place[one.public_id], place[other.public_id]}
        return any({place.get(a), place.get(b)} == ends for a, b in self.apart)

    def between(self, one: ScopedID, other: ScopedID) -> list[Match]:
        """Give the matches of a link, in both directions."""
        ends = {one.public_id, other.public_id}
        return [match for match in self.matches if {match.source.public_id, match.target.public_id} == ends]


def stored_ids(business: Business, named: Iterable[tuple[Asset, str]]) -> QuerySet[ScopedID]:
    """Give the stored ones among these IDs; each is named by its app or Page and its value."""
    values: dict[int, set[str]] = defaultdict(set)
    for asset, value in named:
        values[asset.pk].add(value)
    wanted = Q(pk__in=[])
    for asset_pk, of_asset in values.items():
        wanted |= Q(asset=asset_pk, value__in=of_asset)
    return ScopedID.objects.filter(wanted, business=business)
