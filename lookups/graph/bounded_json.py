"""JSON from outside, within bounds: no NaN, no numbers of thousands of digits, no endless nesting.

Of a key that is given twice the last value counts, as in every common reader.
"""

import json
from typing import Any

DEEPEST_NESTING = 50


class NotJSON(Exception):
    """The text is not JSON within bounds."""


def parse_json(text: str | bytes) -> Any:
    """Parse JSON; raises NotJSON, whose text holds nothing of the input."""
    problem = ""
    value = None
    try:
        value = _decode(text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass"))
    except RecursionError:
        problem = "nested too deeply"
    except ValueError:  # also numbers with too many digits, bad encodings, NaN
        problem = "not JSON"
    if not problem and _openings(text) > DEEPEST_NESTING and _deeper_than(value, DEEPEST_NESTING):
        problem = "nested too deeply"
    if problem:
        raise NotJSON(problem)
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_decode = json.JSONDecoder(parse_constant=_refuse).decode


def _openings(text: str | bytes) -> int:
    """Count opening brackets: a text nests no deeper than that."""
    if isinstance(text, str):
        return text.count("{") + text.count("[")
    return text.count(b"{") + text.count(b"[")


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            child
            for item in layer
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not layer:
            return False
    return True
