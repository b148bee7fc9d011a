"""Find persons by an ID or its beginning, a public ID, or a name; only among rows that the user may see."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Min, Q, QuerySet

from lookups.models import Person, Profile, ScopedID

MOST, SHORTEST_PREFIX, SHORTEST_NAME = 25, 3, 2


@dataclass(frozen=True)
class SearchResult:
    """The persons found, by what matched the text, and whether there are more than are shown."""

    exact: list[Person]
    similar: list[Person]
    more: bool = False


def search(text: str, *, ids: QuerySet[ScopedID], people: QuerySet[Person], names: QuerySet[Profile]) -> SearchResult:
    """Search for a text among rows that the user may see; exact matches come before similar ones."""
    exact = _distinct([*_by_whole_id(text, ids), *_by_public_id(text, people)])
    if exact:
        return SearchResult(exact, [])
    similar = _distinct([*_by_prefix(text, ids), *_by_name(text, names)])
    return SearchResult([], similar[:MOST], more=len(similar) > MOST)


def _by_whole_id(text: str, ids: QuerySet[ScopedID]) -> list[Person]:
    return [row.person for row in ids.filter(value=text).select_related("person__business").order_by("pk")]


def _by_public_id(text: str, people: QuerySet[Person]) -> list[Person]:
    """Find the person that a public ID leads to today; if that person was joined to another, give the other."""
    if not re.fullmatch("[0-9A-Za-z]{12}", text):
        return []
    return [person.now() for person in people.filter(public_id=text.upper()).select_related("business")]


def _by_prefix(text: str, ids: QuerySet[ScopedID]) -> list[Person]:
    if not re.fullmatch(f"[0-9]{{{SHORTEST_PREFIX},32}}", text):
        return []
    found = ids.filter(value__startswith=text).order_by().values("person").annotate(first=Min("value"))
    return _persons(found.order_by("first", "person")[: MOST + 1].values_list("person", flat=True))


def _by_name(text: str, names: QuerySet[Profile]) -> list[Person]:
    """Find the persons whose name contains every word of the text."""
    words = [word for word in text.split() if word][:5]
    if len("".join(words)) < SHORTEST_NAME or not any(character.isalpha() for character in text):
        return []
    wanted = Q(*(Q(name__icontains=word) for word in words))
    found = names.filter(wanted).order_by().values("scoped_id__person").annotate(first=Min("name"))
    return _persons(
        found.order_by("first", "scoped_id__person")[: MOST + 1].values_list("scoped_id__person", flat=True)
    )


def _persons(keys: Iterable[int]) -> list[Person]:
    """Read these persons, in this order."""
    wanted = list(keys)
    rows = Person.objects.select_related("business").in_bulk(wanted)
    return [rows[key] for key in wanted]


def _distinct(persons: Iterable[Person]) -> list[Person]:
    return list({person.pk: person for person in persons}.values())
