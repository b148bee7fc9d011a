"""The appsecret_proof of a token, plain or timed (wire contract, 2)."""

import hashlib
import hmac
import time
from functools import lru_cache

STALE_AFTER = 300  # seconds


def proof_fits(token: str, secret: str, proof: str, seconds: str) -> bool:
    """Tell whether a proof is the one of this token; a timed one has to be from the last five minutes."""
    message = token
    if seconds:
        if not (seconds.isascii() and seconds.isdigit()) or abs(time.time() - int(seconds[:12])) > STALE_AFTER:
            return False
        message = f"{token}|{seconds}"
    expected = _hmac(secret, message)
    return hmac.compare_digest(expected.encode(), proof.encode("utf-8", "replace"))


@lru_cache(maxsize=256)  # a batch carries the same proof fifty times
def _hmac(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
