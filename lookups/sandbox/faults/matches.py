"""What a rule may match a request by, and which values each of these takes."""

import re
from collections.abc import Callable
from typing import Any

from lookups.sandbox.api.edges import USE_CASES
from lookups.sandbox.faults.actions import is_number, is_whole

_OTHER_NAMES = {"share": "probability"}


def read_match(wanted: dict[str, Any]) -> dict[str, list[Any]]:
    """Give a list of values for each name, any of which fits; raises ValueError."""
    match: dict[str, list[Any]] = {}
    for given_name, value in wanted.items():
        name = _OTHER_NAMES.get(given_name, given_name)
        if name not in _TAKES:
            raise ValueError(f"a rule can't match by {name!r}; it can by {', '.join(_TAKES)}")
        match[name] = value if isinstance(value, list) else [value]
        if not match[name] or not all(_TAKES[name](one) for one in match[name]):
            raise ValueError(f"{given_name} can't be {value!r}")
        if name in _SINGLE and len(match[name]) > 1:
            raise ValueError(f"{given_name} takes one value only")
    return match


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, RecursionError, OverflowError):
        return False
    return True


_SINGLE = {"probability", "seed"}
_TAKES: dict[str, Callable[[Any], bool]] = {
    "path": _is_pattern,
    "token": _is_text,
    "token_of": _is_text,
    "business": _is_text,
    "node": _is_text,
    "edge": _is_text,
    "use_case": lambda value: is_whole(value) and value in USE_CASES,
    "page": lambda value: is_whole(value) and value >= 1,
    "item": lambda value: isinstance(value, bool),
    "index": is_whole,
    "nth": lambda value: is_whole(value) and value >= 1,
    "probability": lambda value: is_number(value) and value <= 1,
    "seed": lambda value: isinstance(value, str | int),
}
