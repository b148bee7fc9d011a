"""Keys of rows as browsers send them: a text that is none must lead to no query, since databases refuse it."""

_LONGEST = 18  # digits; no key column can hold more


def is_row_key(text: str) -> bool:
    """Tell whether a text can be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST
