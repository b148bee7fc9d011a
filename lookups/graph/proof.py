"""appsecret_proof: shows Graph that a call comes from a server that knows the app's secret.

Wire contract, section 2: lowercase hex HMAC-SHA256 with the secret of the app that issued the token as
key. The plain form signs the token, the timed form `token|unix seconds` and is stale after five minutes.
"""

import hashlib
import hmac


def appsecret_proof(token: str, app_secret: str) -> str:
    """Give the plain proof of this very token."""
    return _sign(token, app_secret)


def timed_proof(token: str, app_secret: str, unix_seconds: int) -> str:
    """Give the timed proof, to be sent with `appsecret_time` of the same seconds."""
    return _sign(f"{token}|{unix_seconds}", app_secret)


def _sign(message: str, app_secret: str) -> str:
    return hmac.new(app_secret.encode(), message.encode(), hashlib.sha256).hexdigest()
