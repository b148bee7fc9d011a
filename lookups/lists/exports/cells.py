"""The cells of an export: spreadsheets must not read text as a formula, and must keep all digits of IDs."""

import re
from datetime import UTC, datetime

Cells = list[str]
CHUNK = 1000  # rows read at a time

# Spreadsheets compute a cell that begins with such a sign; some turn full-width signs into plain ones first.
_SIGNS = frozenset("=+-@＝＋－＠")
_BLANKS_ALONE = ("\t", "\r", "\n", "\x00")  # some spreadsheets take a cell apart at these
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe(text: str) -> str:
    """Give a text as a cell; a quote goes before a text that a spreadsheet would compute."""
    return f"'{text}" if text.startswith(_BLANKS_ALONE) or _begins_formula(text) else text


def _begins_formula(text: str) -> bool:
    """Tell whether the first character that can be seen is a formula's: some spreadsheets drop those before it."""
    for character in text:
        if character in _SIGNS:
            return True
        if character.isprintable() and not character.isspace():
            return False
    return False


def storable(text: str) -> str:
    """Replace characters that XML or UTF-8 can't hold."""
    return _UNSAFE.sub("\ufffd", text)


def utc_text(at: datetime | None) -> str:
    """Give a time in UTC, to the second, as ISO 8601 has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
