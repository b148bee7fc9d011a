"""Encryption at rest for tokens and app secrets, key rotation, fingerprints, and the seal on backups.

A sealed value is `v1:<key id>:<Fernet token>`. The encrypted text is JSON `[bound_to, value]`: Fernet has no
associated data, so the row's identity is encrypted together with the value. A value that was moved to another row
by hand is therefore refused. The first key of IDLINK_ENCRYPTION_KEYS seals; all of them open.
"""

import base64
import binascii
import hashlib
import hmac
import json

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

_VERSION = "v1"


class SecretUnreadable(Exception):
    """A sealed value can't be opened: its key is gone, or it was sealed for another row."""


def weakness_of_key(key: str) -> str:
    """Say what is wrong with an encryption key, never repeating it; empty when it is good."""
    if not key:
        return "no key is set"
    try:
        raw = base64.urlsafe_b64decode(key.encode())
    except (binascii.Error, ValueError):
        return "it is not url-safe base64"
    if len(raw) != 32:
        return "it is not 32 bytes long"
    if len(set(raw)) < 12:
        return "it is not random"
    return ""


def seal(value: str, *, bound_to: str) -> str:
    """Encrypt `value` for the row that `bound_to` names."""
    key = settings.IDLINK_ENCRYPTION_KEYS[0]
    return _wrap(key, json.dumps([bound_to, value]).encode())


def unseal(sealed: str, *, bound_to: str) -> str:
    """Decrypt a value sealed for the same row; raises SecretUnreadable."""
    owner, value = json.loads(_open(sealed))
    if owner != bound_to:
        raise SecretUnreadable("This secret was sealed for another row.")
    return str(value)


def reseal(sealed: str) -> str:
    """Encrypt a sealed value anew under the first key; raises SecretUnreadable."""
    return _wrap(settings.IDLINK_ENCRYPTION_KEYS[0], _open(sealed))


def current_prefix() -> str:
    """Give the prefix of every value that is sealed under the first key."""
    return f"{_VERSION}:{_key_id(settings.IDLINK_ENCRYPTION_KEYS[0])}:"


def is_sealed(text: str) -> bool:
    """Tell whether a stored text has the form of a sealed value."""
    return text.startswith(f"{_VERSION}:") and text.count(":") == 2


def can_open(sealed: str) -> bool:
    """Tell, without opening a sealed value, whether its key is among the present keys."""
    return is_sealed(sealed) and sealed.split(":")[1] in key_ids()


def fingerprint(value: str) -> str:
    """Give a name for a secret that does not reveal it: 64 bits of an HMAC with a key of this installation."""
    digest = salted_hmac("idlink.fingerprint", value, algorithm="sha256").hexdigest()
    return "-".join(digest[i : i + 4] for i in range(0, 16, 4))


def key_ids() -> tuple[str, ...]:
    """Give the IDs of the keys that are set, without revealing them; the key that seals comes first."""
    return tuple(map(_key_id, settings.IDLINK_ENCRYPTION_KEYS))


def signature(key_id: str) -> hmac.HMAC:
    """Begin a signature (HMAC-SHA256) under the key with this ID; raises SecretUnreadable if it is not set."""
    keys = {_key_id(key): key for key in settings.IDLINK_ENCRYPTION_KEYS}
    if key_id not in keys:
        raise SecretUnreadable("No key of IDLINK_ENCRYPTION_KEYS has made this signature.")
    # A derived key: one key must never both sign and encrypt.
    derived = hmac.digest(keys[key_id].encode(), b"idlink signature", "sha256")
    return hmac.new(derived, digestmod="sha256")


def _wrap(key: str, plain: bytes) -> str:
    return f"{_VERSION}:{_key_id(key)}:{Fernet(key).encrypt(plain).decode()}"


def _open(sealed: str) -> bytes:
    if not is_sealed(sealed):
        raise SecretUnreadable("This secret is not sealed.")
    _, key_id, token = sealed.split(":")
    keys = {_key_id(key): key for key in settings.IDLINK_ENCRYPTION_KEYS}
    plain = None
    if key_id in keys:
        try:
            plain = Fernet(keys[key_id]).decrypt(token.encode())
        except InvalidToken:
            plain = None
    if plain is None:
        raise SecretUnreadable("No key of IDLINK_ENCRYPTION_KEYS opens this secret.")
    return plain


def _key_id(key: str) -> str:
    return hashlib.sha256(b"idlink key id" + key.encode()).hexdigest()[:8]
