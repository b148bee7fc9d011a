"""What of Graph's answers may be stored: IDs that are surely whole, and texts that every database takes.

An ID must be a string of 1 to 32 ASCII digits: a number may have lost its last digits on the way.
"""

import re
from typing import Any

ID = re.compile(r"[0-9]{1,32}")
LONGEST_TEXT = 255


def is_id(value: Any) -> bool:
    """Tell whether a value is a whole ID."""
    return isinstance(value, str) and ID.fullmatch(value) is not None


def storable_text(text: str) -> str:
    """Give the text without NUL and lone surrogates, which PostgreSQL refuses, and cut to a column's length."""
    if text.isprintable() and text.isascii():
        return text[:LONGEST_TEXT]
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()[:LONGEST_TEXT]
