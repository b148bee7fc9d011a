"""The actions of faults, and which values each takes; and the error that an action asks for."""

import codecs
from collections.abc import Callable
from typing import Any

from lookups.sandbox.world import refusals
from lookups.sandbox.world.refusals import Refusal

ROWS = (
    "duplicate", "fewer", "contradict", "other asset", "foreign", "wrong kind", "without id", "number as id",
    "leading zero", "unknown fields", "odd text",
)  # fmt: skip
_WHOLE_ONLY = {"cut", "drip", "silence", "coding", "charset", "hang_up", "items"}
_MORE_OF_ERROR = ("type", "error_data", "error_user_title", "error_user_msg")
_EXTRAS = {"delay", "headers", "next", "coding", "charset", "hang_up"}


def read_action(action: dict[str, Any]) -> dict[str, Any]:
    """Give an action once it is checked; raises ValueError or LookupError for one that can't be carried out."""
    unknown = sorted(set(action) - set(_FITS))
    if unknown:
        raise ValueError(f"no action: {', '.join(unknown)}")
    if len(set(action) - _EXTRAS) > 1:
        raise ValueError(f"more than one action: {', '.join(sorted(set(action) - _EXTRAS))}")
    for name, value in action.items():
        if not _FITS[name](value):
            raise ValueError(f"{name} can't be {value!r}")
    codecs.lookup(action.get("charset", "utf-8"))
    return action


def check_for_items(action: dict[str, Any]) -> None:
    """Raise ValueError for an action that can't befall an item of a batch, which has no connection of its own."""
    if wrong := set(action) & _WHOLE_ONLY:
        raise ValueError(f"not for items of a batch: {', '.join(sorted(wrong))}")


def demanded_error(error: dict[str, Any]) -> Refusal:
    """Give the error that an action asks for, with all that it adds to the error object."""
    made = refusals.on_demand(error)
    made.body |= {name: error[name] for name in _MORE_OF_ERROR if name in error}
    return made


def is_number(value: Any, below: float = 10**6) -> bool:
    """Tell whether a value is a number, as of seconds: finite, not below 0, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < below


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number, not below 0."""
    return isinstance(value, int) and is_number(value)


def _is_error(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    texts = ("message", "type", "error_user_title", "error_user_msg")
    return (
        is_whole(value.get("code"))
        and _is_status(value.get("status", 400))
        and all(isinstance(value.get(name, ""), str) for name in texts)
        and (value.get("subcode") is None or isinstance(value["subcode"], int))
    )


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("body"), str) and _is_status(value.get("status", 200))


def _is_status(value: Any) -> bool:
    return is_whole(value) and 200 <= value < 1000


def _one_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in choices


_FITS: dict[str, Callable[[Any], bool]] = {
    "error": _is_error,
    "edge_error": _is_error,
    "answer": _is_answer,
    "cut": _one_of("before", "headers", "body", "short"),
    "drip": is_number,
    "silence": lambda value: value is True,
    "null": lambda value: isinstance(value, bool),
    "rows": _one_of(*ROWS),
    "paging": _one_of("empty", "loop", "no cursors"),
    "items": _one_of("fewer", "more", "reversed"),
    "delay": is_number,
    "headers": lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
    "next": lambda value: isinstance(value, str),
    "coding": _one_of("gzip", "broken gzip", "bomb"),
    "charset": lambda value: isinstance(value, str),
    "hang_up": lambda value: isinstance(value, bool),
}
