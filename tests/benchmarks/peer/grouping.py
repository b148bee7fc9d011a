"""Finds out which IDs are one person."""

from collections.abc import Iterable, Mapping

Scoped = tuple[str, str]  # an app's or a Page's ID, and the scoped ID


class Grouping:
    """The person of each ID that a batch tells of; new persons have numbers below zero until they are stored."""

    def __init__(self, known: Mapping[Scoped, int]) -> None:
        """`known` are the persons of IDs that are stored already."""
        self.person_of = dict(known)
        self.merged: dict[int, int] = {}  # stored persons that are the same as others
        self._made = 0

    @property
    def new(self) -> list[int]:
        """The numbers of the persons to be stored."""
        return sorted({person for person in self.person_of.values() if person < 0})

    def join(self, ids: Iterable[Scoped]) -> None:
        """Give IDs to one person: the oldest one that is stored, else a new one."""
        told = list(ids)
        found = {self.person_of[one] for one in told if one in self.person_of}
        person = min(found, key=lambda one: (one < 0, one)) if found else self._make()
        for other in found - {person}:
            self._merge(other, person)
        self.person_of |= dict.fromkeys(told, person)

    def _make(self) -> int:
        self._made += 1
        return -self._made

    def _merge(self, other: int, person: int) -> None:
        self.person_of = {one: person if its == other else its for one, its in self.person_of.items()}
        self.merged = {old: person if new == other else new for old, new in self.merged.items()}
        if other > 0:
            self.merged[other] = person
