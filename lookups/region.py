"""A region: whole persons with all evidence about them, in memory. What can be decided is decided here.

Whatever changes is changed in the region first; `settling` then writes the persons that follow. A preview
is the same change without the writing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from django.db.models import Q

from businesses.models import Business
from lookups.components import Link, components
from lookups.models import Decision, Match, ScopedID


@dataclass
class Region:
    """Scoped IDs by public ID, the matches from them, and the pairs among them that are kept apart."""

    business: Business
    members: dict[str, ScopedID] = field(default_factory=dict)
    matches: list[Match] = field(default_factory=list)
    apart: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def around(cls, business: Business, seeds: Iterable[ScopedID]) -> Self:
        """Load the persons of these IDs; and those beyond retracted matches, and beyond ones skipped for a pair.

        Answers go on telling of such matches, and conflicts are about them. A constant number of queries where
        no match was retracted and no pair is kept apart.
        """
        region = cls(business)
        beyond = {seed.person_id for seed in seeds}
        while beyond:
            region._load(beyond)
            region._load_apart()
            beyond = region._persons_beyond()
        region._load_matches()
        return region

    def _load(self, persons: set[int]) -> None:
        rows = ScopedID.objects.filter(person__in=persons, business=self.business)
        self.members |= {row.public_id: row for row in rows.select_related("person", "app", "page")}

    def _load_apart(self) -> None:
        keys = [row.pk for row in self.members.values()]
        kept = Decision.objects.filter(business=self.business, kind=Decision.Kind.KEEP_APART, undone_at=None)
        pairs = kept.filter(Q(one__in=keys) | Q(other__in=keys)) if keys else kept.none()
        self.apart = {(one, other) for one, other in pairs.values_list("one__public_id", "other__public_id")}

    def _persons_beyond(self) -> set[int]:
        """Give the persons with whom a match connects this region that does not make them one."""
        keys = [row.pk for row in self.members.values()]
        ends = Match.objects.filter(Q(source__in=keys) | Q(target__in=keys))
        skipped = Q(is_live=True) if self.apart else Q(pk__in=[])
        pairs = ends.filter(skipped | Q(retracted_by__isnull=False)).values_list("source__person", "target__person")
        return {person for pair in pairs for person in pair} - {row.person_id for row in self.members.values()}

    def _load_matches(self) -> None:
        by_key = {row.pk: row for row in self.members.values()}
        rows = Match.objects.filter(source__in=by_key).select_related("retracted_by").order_by("pk")
        for match in rows if by_key else ():
            if match.target_id in by_key:
                match.source, match.target = by_key[match.source_id], by_key[match.target_id]
                self.matches.append(match)

    def add(self, fresh: Iterable[ScopedID]) -> None:
        """Take in scoped IDs that are not stored yet."""
        self.members |= {row.public_id: row for row in fresh}

    def links(self) -> list[Link]:
        """Give the live matches."""
        return [
            Link(match.first_seen, match.source.public_id, match.target.public_id, match.edge)
            for match in self.matches
            if match.is_live
        ]

    def groups(self) -> list[list[ScopedID]]:
        """Give the persons that the evidence makes: each its IDs by founding order, the founder first."""
        parts = components(self.members, self.links(), self.apart)
        ordered = [sorted((self.members[name] for name in part), key=lambda row: row.founding_order) for part in parts]
        return sorted(ordered, key=lambda group: group[0].founding_order)

    def are_kept_apart(self, one: ScopedID, other: ScopedID) -> bool:
        """Tell whether a pair that is kept apart stands between the persons of these two."""
        place = {member.public_id: number for number, group in enumerate(self.groups()) for member in group}
        ends = {place[one.public_id], place[other.public_id]}
        return any({place.get(a), place.get(b)} == ends for a, b in self.apart)

    def between(self, one: ScopedID, other: ScopedID) -> list[Match]:
        """Give the matches of a link, in both directions."""
        ends = {one.public_id, other.public_id}
        return [match for match in self.matches if {match.source.public_id, match.target.public_id} == ends]
