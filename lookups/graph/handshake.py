"""Why there is no secure connection to Graph: its certificate is not valid, its TLS is too old, or it broke.

The first two last until somebody mends them. A connection that merely broke may hold the next time.
"""

import ssl
from collections.abc import Iterator

from lookups.graph.errors import GraphError, UnexpectedAnswer, Unreachable

_UNSENT = "Nothing was sent to it."
_TOO_OLD = f"The server at Graph's address speaks no TLS of version 1.2 or newer. {_UNSENT}"
_NO_TLS = f"The server at Graph's address does not speak TLS. {_UNSENT}"
_NO_CIPHER = f"The server at Graph's address takes no cipher that is safe. {_UNSENT}"
_LASTING = {  # by OpenSSL's names; all of these last until somebody mends them
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TOO_OLD,
    "WRONG_SSL_VERSION": _TOO_OLD,
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _NO_CIPHER,
}


def no_secure_connection(error: BaseException) -> GraphError:
    """Give the error for what requests raised: UnexpectedAnswer for what lasts, Unreachable for what may pass."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UnexpectedAnswer(
                f"Graph's TLS certificate is not valid: {cause.verify_message}. {_UNSENT} "
                "The clock of this machine may be wrong, or somebody stands between it and Graph."
            )
        if isinstance(cause, ssl.SSLError) and cause.reason in _LASTING:
            return UnexpectedAnswer(_LASTING[cause.reason])
    return Unreachable("The secure connection to Graph broke.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give an exception and all that caused it: requests and urllib3 keep causes among their arguments."""
    seen: list[BaseException] = []
    todo = [error]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.append(one)
            yield one
            inside = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
            todo += [other for other in inside if isinstance(other, BaseException)]
