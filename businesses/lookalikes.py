"""Recognizes access tokens in text: people paste them by mistake where an ID belongs."""

import re

# A token begins a word: inside a word (click IDs, hashes) the same letters are chance. %3D is the = of an address.
WORD_BEGINS = r"(?:(?<![A-Za-z0-9_-])|(?<=%3[Dd]))"
_TOKEN = re.compile(rf"{WORD_BEGINS}EAA[A-Za-z0-9_-]{{20,}}|{WORD_BEGINS}[0-9]{{5,32}}\|[A-Za-z0-9_-]{{20,}}")


def holds_token(text: str) -> bool:
    """Tell whether an access token of Meta's, or an app's ID and secret joined by a bar, stands in a text."""
    return ("EAA" in text or "|" in text) and bool(_TOKEN.search(text))
