"""What somebody searches for, as a key that addresses can carry: histories and logs must not show IDs and names.

Nothing is stored: the key is the text itself, encrypted, and bound to the user who searched. So it lasts as long as
the encryption key, and in another user's hands it opens nothing.
"""

from businesses.access import AnyUser
from businesses.secrets import seal, unseal

LONGEST = 100  # characters; an address can't be much longer than what comes of these


def seal_search(text: str, user: AnyUser) -> str:
    """Give the key for what a user searches for: a text of at most LONGEST characters."""
    return seal(text, bound_to=_bound_to(user))


def open_search(key: str, user: AnyUser) -> str:
    """Give the text that was searched for; raises SecretUnreadable if it was not this user, or the key is damaged."""
    return unseal(key, bound_to=_bound_to(user))


def _bound_to(user: AnyUser) -> str:
    return f"search:{user.pk}"
