"""Refuses a list that holds an access token: its file and every download of its results would keep the token."""

from collections.abc import Iterable, Sequence

from businesses.lookalikes import holds_token
from lookups.lists.imports.cells import Row
from lookups.lists.imports.limits import CannotRead

ADVICE = (
    "Nothing of this list is kept here. Take the token out and send the list again. Whoever has seen the list can use "
    "the token: make a new one, and end this one at Meta."
)


def refuse_tokens(rows: Iterable[Row]) -> None:
    """Raise CannotRead at the first row with a token; the error names the token's place, not the token."""
    for row in rows:
        column = _column_of_token(row.cells)
        if column:
            raise CannotRead(f"Line {row.line}, column {column}, holds what looks like an access token. {ADVICE}")


def refuse_pasted_tokens(words: Sequence[str]) -> None:
    """Raise CannotRead if a pasted word is a token."""
    number = _column_of_token(words)
    if number:
        raise CannotRead(f"The {number}. of the pasted words looks like an access token. {ADVICE}")


def _column_of_token(cells: Sequence[str]) -> int:
    for number, cell in enumerate(cells, start=1):
        if holds_token(cell):
            return number
    return 0
