"""Whether a text is an ID, and if not, why. Pasted lines, CSV, XLSX and the command line get the same verdict."""

import re
from dataclasses import dataclass

from businesses.lookalikes import WORD_BEGINS
from businesses.models.graph_id import MAX_DIGITS
from lookups.lists.imports.cells import OddCell
from lookups.models.list_row import MOST_SHOWN
from lookups.models.scoped_id import NotAnID, read_value

_PLAIN = re.compile(r"[0-9]{1,32}")
_SURROGATE = re.compile("[\ud800-\udfff]")
# `_SECRET` finds Meta's access tokens, and an app's ID and secret joined by a bar: we don't keep them in clear if
# somebody pastes them by mistake.
_SECRET = re.compile(rf"{WORD_BEGINS}EAA[A-Za-z0-9_-]{{8,}}|{WORD_BEGINS}[0-9]{{5,32}}\|[^\s,;|]{{8,}}")
HIDDEN = "(looks like an access token: hidden)"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_AS_TEXT = "Format the column as text, copy the IDs from their source again and send the list anew."
_AFRESH = "Export the list again, as UTF-8."

# Code: its name in a summary, and the sentence about one row.
_WORDS = {
    "empty": ("no ID", "There is no ID in this row."),
    "spreadsheet": ("lost its digits in a spreadsheet", f"“{{}}” is a number whose last digits are lost. {_AS_TEXT}"),
    "numeric_cell": (
        "a number, not text",
        f"The cell holds the number {{}}: a spreadsheet keeps only 15 digits of a number, the column lost digits. "
        f"{_AS_TEXT}",
    ),
    "formula": (
        "a formula",
        "The cell holds the formula “{}”, and formulas are not computed here. Paste the values as text instead.",
    ),
    "too_long": (
        f"more than {MAX_DIGITS} digits",
        f"“{{}}” has more digits than the {MAX_DIGITS} an ID can have. Check that it is one ID only.",
    ),
    "not_digits": ("not only digits", "“{}” is not an ID: an ASID or PSID consists of the digits 0 to 9 only."),
    "no_asset": (
        "no app or Page",
        "The row does not say to which app or Page the ID belongs. Put its ID or name into the column for it.",
    ),
    "unknown_asset": (
        "unknown app or Page",
        "“{}” is neither the ID nor the name of an app or Page of this business. Correct it, or add the app or Page.",
    ),
    "ambiguous_asset": (
        "app or Page not clear",
        "“{}” means more than one app or Page of this business. Write its ID, with app: or page: in front.",
    ),
    "broken_quote": (
        "quotation mark without its other half",
        "A quotation mark in this line is not closed, or something follows it: {} Close it, or write it twice.",
    ),
    "field_too_long": ("field too long", "A field of this row is longer than allowed; it begins with “{}”."),
    "too_many_columns": (
        "more fields than columns",
        "The row has more fields than the list has columns, so it is not certain which is the ID: {} "
        "Put fields that hold the separator in quotation marks.",
    ),
    "missing_column": (
        "fields missing",
        "The row ends before the column of the ID, or of the app or Page: {}",
    ),
    "undecodable": (
        "characters that can't be read",
        f"The row holds bytes that are no text in the encoding of this list: {{}} {_AFRESH}",
    ),
}
CODES = tuple(_WORDS)


@dataclass(frozen=True)
class Rejected:
    """The verdict that a text is no ID. `sentence` says why in words."""

    code: str


def verdict_on(text: str) -> str | Rejected:
    """Give the ID in a field, without the blanks around it, or why there is none."""
    if isinstance(text, OddCell):
        return Rejected(text.code)
    if _PLAIN.fullmatch(text):
        return text
    if _SURROGATE.search(text):
        return Rejected("undecodable")
    try:
        return read_value(text)
    except NotAnID as error:
        return Rejected(error.code)


def without_secrets(text: str) -> str:
    """Give the text with everything hidden that looks like an access token."""
    return _SECRET.sub(HIDDEN, text) if "EAA" in text or "|" in text else text


def shown(text: str) -> str:
    """Give what we store of a rejected text: its beginning, without characters that a database can't hold."""
    text = without_secrets(text)
    return _UNSTORABLE.sub("\ufffd", text[:MOST_SHOWN])


def label(code: str) -> str:
    """Name the reason for a rejection in a few words; gives the code itself if it is unknown."""
    return _WORDS.get(code, (code,))[0]


def sentence(code: str, value: str) -> str:
    """Say why the row with this stored value was rejected, and what to do."""
    if code == "not_digits":
        try:
            read_value(value)
        except NotAnID as error:
            if error.code == code:
                return str(error)
    words = _WORDS.get(code)
    return words[1].format(_short(value)) if words else code


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"
