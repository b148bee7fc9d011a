"""Public IDs of persons: random, short, and hard to misread aloud."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12


def new_public_id() -> str:
    """Give a fresh public ID, about 59 bits of chance."""
    number, digits = secrets.randbelow(len(ALPHABET) ** LENGTH), []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[place])
    return "".join(digits)
