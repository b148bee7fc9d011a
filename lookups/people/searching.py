"""Find persons by an ID or its beginning, a public ID, or a name; only among rows that the user may see."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from lookups.models import Person, Profile, ScopedID
from lookups.models.folding import folded

MOST, SHORTEST_PREFIX, SHORTEST_NAME = 25, 3, 2
READ = 200  # matching IDs or names: whoever has them is put in order, and told first
PUBLIC_ID, PREFIX = re.compile("[0-9A-Za-z]{12}"), re.compile("[0-9]{1,32}")


@dataclass(frozen=True)
class SearchResult:
    """The persons found, by what matched the text, and whether more IDs or names matched than are shown."""

    exact: list[Person]
    similar: list[Person]
    more: bool = False


def search(text: str, *, ids: QuerySet[ScopedID], people: QuerySet[Person], names: QuerySet[Profile]) -> SearchResult:
    """Search for a text among rows that the user may see; exact matches come before similar ones."""
    exact = _distinct([*_by_whole_id(text, ids), *_by_public_id(text, people)])
    if exact:
        return SearchResult(exact, [])
    found = [*_by_prefix(text, ids), *_by_name(text, names)]
    keys = list(dict.fromkeys(person for _, person in sorted(found)))
    return SearchResult([], _persons(keys[:MOST]), more=len(keys) > MOST or len(found) > READ)


def persons_with(
    text: str, *, ids: QuerySet[ScopedID], people: QuerySet[Person], names: QuerySet[Profile]
) -> "QuerySet[Any, Any]":
    """Give the keys of all persons with this public ID, with an ID that begins so, or with a name that holds each word.

    For a condition of a query. Searches among rows that the user may see.
    """
    ways: list[QuerySet[Any, Any]] = []
    if PUBLIC_ID.fullmatch(text):
        ways.append(people.order_by().filter(public_id=text.upper()).values("pk"))
    if PREFIX.fullmatch(text):
        ways.append(ids.order_by().filter(value__startswith=text).values("person"))
    if words := _words(text):
        ways.append(_named(words, names).values("scoped_id__person"))
    if not ways:
        return people.none().values("pk")
    return ways[0].union(*ways[1:]) if len(ways) > 1 else ways[0]


def _by_whole_id(text: str, ids: QuerySet[ScopedID]) -> list[Person]:
    return [row.person for row in ids.filter(value=text).select_related("person__business").order_by("pk")]


def _by_public_id(text: str, people: QuerySet[Person]) -> list[Person]:
    """Find the person that a public ID leads to today; if that person was joined to another, give the other."""
    if not PUBLIC_ID.fullmatch(text):
        return []
    return [person.now() for person in people.filter(public_id=text.upper()).select_related("business")]


def _by_prefix(text: str, ids: QuerySet[ScopedID]) -> list[tuple[str, int]]:
    """Give the first IDs that begin so, each with its person."""
    if len(text) < SHORTEST_PREFIX or not PREFIX.fullmatch(text):
        return []
    found = ids.order_by().filter(value__startswith=text)
    return list(found.values_list("value", "person")[: READ + 1])


def _by_name(text: str, names: QuerySet[Profile]) -> list[tuple[str, int]]:
    """Give the first names that hold every word of the text, each with its person."""
    words = _words(text)
    if len("".join(words)) < SHORTEST_NAME:
        return []
    return list(_named(words, names).values_list("name", "scoped_id__person")[: READ + 1])


def _words(text: str) -> list[str]:
    """Give the words of a text that can be a name."""
    return folded(text).split()[:5] if any(character.isalpha() for character in text) else []


def _named(words: Iterable[str], names: QuerySet[Profile]) -> QuerySet[Profile]:
    return names.order_by().filter(*(Q(folded__contains=word) for word in words))


def _persons(keys: Iterable[int]) -> list[Person]:
    """Read these persons, in this order."""
    wanted = list(keys)
    rows = Person.objects.select_related("business").in_bulk(wanted)
    return [rows[key] for key in wanted]


def _distinct(persons: Iterable[Person]) -> list[Person]:
    return list({person.pk: person for person in persons}.values())
