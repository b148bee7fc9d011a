"""What is known of a person today: IDs, matches and conflicts, each read once for all parts of a page."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from lookups.models import Conflict, Match, Person, ScopedID


@dataclass(frozen=True)
class PersonKnown:
    """A person's IDs, oldest row first; the matches and conflicts at which one of them stands, latest first.

    Each match tells the lookups whose answers gave it first and last: `first_lookup`, `last_lookup` (keys or None).
    """

    person: Person
    members: list[ScopedID]
    matches: Sequence[Match]
    conflicts: list[Conflict]

    @property
    def keys(self) -> set[int]:
        """The keys of the IDs."""
        return {member.pk for member in self.members}

    @property
    def open_conflicts(self) -> list[Conflict]:
        """The conflicts that a staff member still has to decide."""
        return [conflict for conflict in self.conflicts if conflict.is_open]


def known_of(person: Person) -> PersonKnown:
    """Read what is known of a person. Three queries, and one more if matches or conflicts lead to other persons."""
    members = list(person.scoped_ids.select_related("asset__managed_by").order_by("pk"))
    for member in members:
        member.business = member.asset.business = person.business
    of_members = Q(source__in=members) | Q(target__in=members)
    found = Match.objects.filter(of_members).select_related("asserted_by").order_by("-last_confirmed", "-pk")
    matches = list(found.annotate(first_lookup=F("first_answer__lookup"), last_lookup=F("last_answer__lookup")))
    conflicts = list(Conflict.objects.filter(Q(one__in=members) | Q(other__in=members)))
    _give_ends(matches, conflicts, members)
    return PersonKnown(person, members, matches, conflicts)


def _give_ends(matches: Iterable[Match], conflicts: Iterable[Conflict], members: Collection[ScopedID]) -> None:
    """Give each match and conflict its IDs: nearly all are members, which are read already."""
    ends = {key for match in matches for key in (match.source_id, match.target_id)}
    ends |= {key for conflict in conflicts for key in (conflict.one_id, conflict.other_id) if key}
    by_key = {member.pk: member for member in members}
    others = ends - by_key.keys()
    by_key |= ScopedID.objects.select_related("asset").in_bulk(others) if others else {}
    for match in matches:
        match.source, match.target = by_key[match.source_id], by_key[match.target_id]
    for conflict in conflicts:
        conflict.one = by_key[conflict.one_id]
        conflict.other = by_key[conflict.other_id] if conflict.other_id else None
