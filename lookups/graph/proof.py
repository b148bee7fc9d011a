"""appsecret_proof: shows Graph that a call comes from a server that knows the app's secret.

Wire contract, section 2: lowercase hex HMAC-SHA256 of the token; the key is the secret of the app that issued it.
"""

import hashlib
import hmac


def appsecret_proof(token: str, app_secret: str) -> str:
    """Give the proof that goes with this very token."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
