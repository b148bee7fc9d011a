"""References such as `{result=name:$.data.*.id}`: an item of a batch takes part of an earlier item's answer.

Source: wire contract, 6.1.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_REFERENCE = re.compile(r"\{result=([^:{}]+):(\$[^{}]*)\}")
_STEP = re.compile(r"\.(\*|[A-Za-z0-9_-]+)|\[(\*|\d+|'[^']*')\]")


def named_in(text: str) -> set[str]:
    """Give the names of the items that a text takes something from."""
    return {found[1] for found in _REFERENCE.finditer(text)}


def resolved(text: str, bodies: Mapping[str, str]) -> str:
    """Replace each reference by the values it finds, joined by commas; by nothing where it finds none."""
    return _REFERENCE.sub(lambda found: ",".join(_texts(_found(bodies.get(found[1], ""), found[2]))), text)


def _found(body: str, path: str) -> list[Any]:
    try:
        values = [json.loads(body)]
    except ValueError:
        return []
    place = 1
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            return []
        name = (step[1] or step[2]).strip("'")
        values = [below for value in values for below in _below(value, name)]
        place = step.end()
    return values


def _below(value: Any, name: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if name == "*" else [value[name]] if name in value else []
    if isinstance(value, list):
        if name == "*":
            return value
        return [value[int(name)]] if name.isascii() and name.isdigit() and int(name[:9]) < len(value) else []
    return []


def _texts(values: list[Any]) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in values]
