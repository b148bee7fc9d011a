"""The cells of an export: text that no spreadsheet takes for a formula, and IDs that keep all their digits."""

import re
from datetime import UTC, datetime

Cells = list[str]
CHUNK = 1000  # rows read at a time

# A spreadsheet computes what begins like this; the full-width signs are turned to plain ones by some.
_FORMULA = re.compile("[=+\\-@\t\r\n\x00＝＋－＠]")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe(text: str) -> str:
    """Give a cell that is shown as it is: a quote goes before what a spreadsheet would compute."""
    return f"'{text}" if _FORMULA.match(text) else text


def storable(text: str) -> str:
    """Replace what neither XML nor UTF-8 can hold."""
    return _UNSAFE.sub("\ufffd", text)


def utc_text(at: datetime | None) -> str:
    """Give a time in UTC, to the second, as ISO 8601 has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
