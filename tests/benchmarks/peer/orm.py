"""Writes by Django's ORM: `bulk_create(update_conflicts=True)`."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from django.db import transaction

from tests.benchmarks.peer.grouping import Scoped
from tests.benchmarks.peer.models import Answer, Link, Person, ScopedID
from tests.benchmarks.peer.storing import Store


class OrmStore(Store):
    """The ORM's way of each step."""

    def transaction(self) -> AbstractContextManager[object]:
        """Commit at the end of the block."""
        return transaction.atomic()

    def known(self, ids: Iterable[Scoped]) -> dict[Scoped, int]:
        """Give the persons of those IDs that are stored."""
        wanted = set(ids)
        found = ScopedID.objects.filter(value__in=[value for _, value in wanted])
        rows = found.values_list("asset", "value", "person_id")
        return {(asset, value): person for asset, value, person in rows if (asset, value) in wanted}

    def make_people(self, count: int, at: datetime) -> list[int]:
        """Store so many persons; gives their keys."""
        return [person.pk for person in Person.objects.bulk_create(Person(first_seen=at) for _ in range(count))]

    def merge(self, old: int, new: int) -> None:
        """Give all IDs of a person to another."""
        ScopedID.objects.filter(person_id=old).update(person_id=new)
        Person.objects.filter(pk=old).delete()

    def put_ids(self, people: Mapping[Scoped, int], at: datetime) -> dict[Scoped, int]:
        """Store IDs with their persons, or that they were seen again; gives their keys."""
        stored = ScopedID.objects.bulk_create(
            [
                ScopedID(asset=asset, value=value, person_id=person, first_seen=at, last_seen=at)
                for (asset, value), person in people.items()
            ],
            update_conflicts=True,
            unique_fields=["asset", "value"],
            update_fields=["last_seen"],
        )
        return {(one.asset, one.value): one.pk for one in stored}

    def put_links(self, links: Iterable[tuple[int, int]], at: datetime) -> None:
        """Store links between keys of IDs, or that they were seen again."""
        Link.objects.bulk_create(
            [Link(source_id=source, target_id=target, first_seen=at, last_seen=at) for source, target in links],
            update_conflicts=True,
            unique_fields=["source", "target"],
            update_fields=["last_seen"],
        )

    def put_answers(self, answers: Iterable[tuple[int, dict]], at: datetime) -> None:
        """Store raw answers about keys of IDs."""
        Answer.objects.bulk_create([Answer(scoped_id_id=key, at=at, raw=raw) for key, raw in answers])
