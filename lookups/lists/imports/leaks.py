"""Refuses a list that holds a token or one of our secrets: its file and every download of its results would keep it."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from businesses.lookalikes import holds_token
from businesses.models import AppSecret
from businesses.secrets import fingerprint
from lookups.lists.imports.cells import Row
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.verdicts import without_secrets

_HASH = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])")  # an app secret looks like any MD5
_HASH_LENGTH = 32
HIDDEN_SECRET = "(an app's secret: hidden)"
_KEPT = "Nothing of this list is kept here."


class Leak(NamedTuple):
    """What leaks: as a noun, as a verb with its object, and what to do."""

    noun: str
    verb: str
    advice: str


TOKEN = Leak(
    "what looks like an access token",
    "looks like an access token",
    f"{_KEPT} Take the token out and send the list again. Whoever has seen the list can use the token: make a new one, "
    "and end this one at Meta.",
)
SECRET = Leak(
    "the secret of an app",
    "is the secret of an app",
    f"{_KEPT} Take the secret out and send the list again. Whoever has seen the list can use the secret: reset it at "
    "Meta, then save the new one on the form of its app.",
)


class Leaks:
    """Finds tokens by their looks, and the secrets of apps by their fingerprints.

    The fingerprints are those of all businesses here: whoever has a secret learns no more than what it is.
    """

    def __init__(self) -> None:
        stored = AppSecret.objects.exclude(fingerprint="").values_list("fingerprint", flat=True)
        self._fingerprints = frozenset(stored)

    def found_in(self, cells: Sequence[str]) -> tuple[int, Leak] | None:
        """Give the number of the first cell with a leak, from 1, and what leaks there."""
        for number, cell in enumerate(cells, start=1):
            if holds_token(cell):
                return number, TOKEN
            if self._fingerprints and len(cell) >= _HASH_LENGTH and any(map(self._is_ours, _HASH.findall(cell))):
                return number, SECRET
        return None

    def hidden(self, text: str) -> str:
        """Give a text without what looks like a token, and without our secrets."""
        plain = without_secrets(text)
        if not self._fingerprints:
            return plain
        return _HASH.sub(lambda found: HIDDEN_SECRET if self._is_ours(found[0]) else found[0], plain)

    def _is_ours(self, word: str) -> bool:
        return fingerprint(word) in self._fingerprints or fingerprint(word.lower()) in self._fingerprints


def refuse_leaks(rows: Iterable[Row], leaks: Leaks) -> None:
    """Raise CannotRead at the first row with a leak; the error names its place, not the secret."""
    for row in rows:
        if found := leaks.found_in(row.cells):
            column, leak = found
            raise CannotRead(f"Line {row.line}, column {column}, holds {leak.noun}. {leak.advice}")


def refuse_pasted_leaks(words: Sequence[str]) -> None:
    """Raise CannotRead if a pasted word is a token or a secret."""
    if found := Leaks().found_in(words):
        number, leak = found
        raise CannotRead(f"The {number}. of the pasted words {leak.verb}. {leak.advice}")


def without_leaks(text: str) -> str:
    """Give a text that goes back to its sender, without what looks like a token and without our secrets."""
    return Leaks().hidden(text)
