"""Graph's field selection: `name,ids_for_apps.limit(2).after(X){id,app{name}}`, nested to any depth."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from lookups.sandbox.world import refusals

MAX_DEPTH = 20
LONGEST_FIELDS = 50_000  # the time that reading takes grows with the square of the length
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MODIFIER = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


@dataclass(eq=False)  # compared by identity, so that a cache can be keyed by a selection
class Field:
    """One field, its modifiers, and the fields chosen below it; None stands for Graph's default ones."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    chosen: "Selection | None" = None


Selection = tuple[Field, ...]


@lru_cache(maxsize=1024)  # a batch asks for the same fields fifty times; nobody changes what is given here
def parse(text: str) -> Selection:
    """Read a `fields` parameter; an empty one gives none. Raises Refusal."""
    if len(text) > LONGEST_FIELDS:
        raise refusals.bad_fields(text)
    fields, rest = _list(text, 0) if text.strip() else ((), "")
    if rest:
        raise refusals.bad_fields(rest)
    return fields


def _list(text: str, depth: int) -> tuple[Selection, str]:
    if depth > MAX_DEPTH:
        raise refusals.bad_fields(text)
    fields: list[Field] = []
    while True:
        one, text = _field(text.lstrip(), depth)
        fields.append(one)
        text = text.lstrip()
        if not text.startswith(","):
            return tuple(fields), text
        text = text[1:].lstrip()
        if not text:  # a comma at the end is tolerated
            return tuple(fields), text


def _field(text: str, depth: int) -> tuple[Field, str]:
    named = _NAME.match(text)
    if not named:
        raise refusals.bad_fields(text)
    one, text = Field(named[0]), text[named.end() :]
    while modifier := _MODIFIER.match(text):
        if modifier[1] == "as":
            raise refusals.no_aliases(modifier[2])
        one.modifiers[modifier[1]] = modifier[2].strip()
        text = text[modifier.end() :]
    if text.startswith("{"):
        one.chosen, text = _list(text[1:], depth + 1)
        if not text.startswith("}"):
            raise refusals.bad_fields(text)
        text = text[1:]
    return one, text
