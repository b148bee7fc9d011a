"""The road of a batch into the tables; what is written how, is left to `orm` and `values`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from tests.benchmarks.peer.grouping import Grouping, Scoped


@dataclass(frozen=True)
class Told:
    """What was told about an ID: the raw answer, and all IDs of the person, with the one that was asked about."""

    asked: Scoped
    raw: dict
    ids: frozenset[Scoped]


class Store(ABC):
    """Stores batches, each in one transaction."""

    def store(self, batch: list[Told], at: datetime) -> None:
        """Store what a batch told at a time."""
        with self.transaction():
            grouping = Grouping(self.known({one for told in batch for one in told.ids}))
            for told in batch:
                grouping.join(told.ids)
            numbers = dict(zip(grouping.new, self.make_people(len(grouping.new), at), strict=True))
            for old, new in grouping.merged.items():
                self.merge(old, new)
            people = {one: numbers.get(person, person) for one, person in grouping.person_of.items()}
            keys = self.put_ids(people, at)
            links = {(keys[told.asked], keys[one]) for told in batch for one in told.ids - {told.asked}}
            self.put_links(links, at)
            self.put_answers([(keys[told.asked], told.raw) for told in batch], at)

    @abstractmethod
    def transaction(self) -> AbstractContextManager[object]:
        """Commit at the end of the block."""

    @abstractmethod
    def known(self, ids: Iterable[Scoped]) -> dict[Scoped, int]:
        """Give the persons of those IDs that are stored."""

    @abstractmethod
    def make_people(self, count: int, at: datetime) -> list[int]:
        """Store so many persons; gives their keys."""

    @abstractmethod
    def merge(self, old: int, new: int) -> None:
        """Give all IDs of a person to another."""

    @abstractmethod
    def put_ids(self, people: Mapping[Scoped, int], at: datetime) -> dict[Scoped, int]:
        """Store IDs with their persons, or that they were seen again; gives their keys."""

    @abstractmethod
    def put_links(self, links: Iterable[tuple[int, int]], at: datetime) -> None:
        """Store links between keys of IDs, or that they were seen again."""

    @abstractmethod
    def put_answers(self, answers: Iterable[tuple[int, dict]], at: datetime) -> None:
        """Store raw answers about keys of IDs."""
