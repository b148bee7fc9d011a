"""Fold names, so that a search finds them however they are written: without accents, and in small letters.

Unicode takes most letters with accents apart; a few letters are one piece, and are named here.
"""

import unicodedata

_IN_ONE_PIECE = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th"}
)


def folded(text: str) -> str:
    """Give a text in small letters without accents, with single blanks between its words."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.translate(_IN_ONE_PIECE).split())
