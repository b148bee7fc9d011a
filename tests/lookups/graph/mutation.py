"""JSON gone wrong, for fuzz tests: what any reader of JSON may meet, put anywhere into a good answer."""

import copy
import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

TWIN = "\x00twin"


@dataclass(frozen=True)
class Literal:
    """A piece of JSON as text, which no Python value gives."""

    text: str


ODD = [
    None, True, False, 0, -1, 1.5, 10**30, "", " ", "0", "12345", "1" * 33, "１２３", "²", "12\n", "-5", "1e3",
    "\ud800", "\x00", "\ufeff", "x" * 3000, "a\r\nb", [], {}, [[]], [None], {"data": None}, {"data": []},
    {"data": [{}]}, {"error": {}}, {"id": "1"}, {"cursors": None}, {"next": "x"}, {"next": None, "cursors": {}},
    {"next": "x", "cursors": {"after": "QVFI"}}, {"next": "x", "cursors": {"after": "\ud800"}},
    {"next": "x", "cursors": {"after": 7}}, {"next": "x", "cursors": {"after": ""}}, {"next": "x", "cursors": ["a"]},
    Literal("NaN"), Literal("-Infinity"), Literal("1e400"), Literal("-1e400"), Literal("1" * 4301), Literal("9" * 4000),
    Literal("[" * 60 + "]" * 60), Literal('{"a":' * 60 + "1" + "}" * 60), Literal("[" * 5000 + "]" * 5000),
    Literal('"\\ud83d"'), Literal('"\\u0000"'), Literal("\ufeff1"), Literal("01"), Literal("'x'"), Literal("1,"),
    Literal("{"), Literal(""),
]  # fmt: skip
odd_values = st.sampled_from(ODD) | st.integers() | st.text(max_size=8)
KINDS = ["replace", "replace", "drop", "twin", "rename", "wrap", "unwrap", "turn", "as text", "as number", "repeat"]
KEYS = ["data", "id", "app", "page", "paging", "next", "cursors", "after", "error", "code", "body", "headers", "x"]
mutations = st.tuples(st.integers(0, 200), st.sampled_from(KINDS), odd_values, st.sampled_from(KEYS))
edits = st.tuples(st.integers(0, 5000), st.sampled_from(["cut", "flip", "insert", "drop"]), st.binary(max_size=4))


def mutated(value: Any, changes: list[tuple[int, str, Any, str]]) -> Any:
    """Give a copy of a JSON value in which each change was made at one place."""
    holder = {"": copy.deepcopy(value)}
    for number, kind, odd, name in changes:
        if places := _places(holder):
            _change(*places[number % len(places)], kind, odd, name)
    return next(iter(holder.values()), None)


def text_of(value: Any) -> str:
    """Write JSON, literals as they stand and twins as the same key given twice."""
    if isinstance(value, Literal):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key.removesuffix(TWIN))}:{text_of(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    return json.dumps(value)


def edited(data: bytes, changes: list[tuple[int, str, bytes]]) -> bytes:
    """Cut, flip, insert or drop bytes."""
    for number, kind, piece in changes:
        at = number % (len(data) + 1)
        if kind == "cut":
            data = data[:at]
        elif kind == "insert":
            data = data[:at] + piece + data[at:]
        elif kind == "drop":
            data = data[:at] + data[at + max(1, len(piece)) :]
        else:
            data = data[:at] + bytes(byte ^ 1 << number % 8 for byte in data[at : at + 1]) + data[at + 1 :]
    return data


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        inside = waiting.pop()
        for key in inside if isinstance(inside, dict) else range(len(inside)):
            found.append((inside, key))
            if isinstance(inside[key], dict | list):
                waiting.append(inside[key])
    return found


def _change(inside: Any, key: Any, kind: str, odd: Any, name: str) -> None:
    old = inside[key]
    if kind == "drop":
        del inside[key]
    elif kind in ("twin", "rename") and isinstance(inside, dict):
        other = key + TWIN if kind == "twin" else name
        inside[other] = copy.deepcopy(odd) if kind == "twin" else inside.pop(key)
    elif kind == "repeat" and isinstance(inside, list):
        inside.insert(key, copy.deepcopy(old))
    else:
        inside[key] = _instead(old, kind, copy.deepcopy(odd))


def _instead(old: Any, kind: str, odd: Any) -> Any:
    if kind == "wrap":
        return [old]
    if kind == "unwrap" and isinstance(old, dict | list) and old:
        return next(iter(old.values() if isinstance(old, dict) else old))
    if kind == "turn" and isinstance(old, dict | list):
        return list(old.values()) if isinstance(old, dict) else {str(n): one for n, one in enumerate(old)}
    if kind == "as text" and not isinstance(old, Literal):
        return text_of(old)
    if kind == "as number" and isinstance(old, str) and old.isdecimal() and old.isascii():
        return int(old[:40])
    return odd
