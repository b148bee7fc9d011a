"""Public IDs of persons: random, short, and hard to misread aloud."""

import secrets
from itertools import product

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_TRIPLES = ["".join(three) for three in product(ALPHABET, repeat=3)]  # saves two of three divisions


def new_public_id() -> str:
    """Give a new public ID with about 59 random bits."""
    number, parts = int.from_bytes(secrets.token_bytes(16)), []
    for _ in range(LENGTH // 3):
        number, place = divmod(number, len(_TRIPLES))
        parts.append(_TRIPLES[place])
    return "".join(parts)
