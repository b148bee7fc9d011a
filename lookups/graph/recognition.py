"""Which GraphError an error of Graph's is: one table, the most specific row first.

Follows the wire contract, section 4: code with subcode, then text, then code, then ranges of codes, then
`is_transient`; an error that no row knows is an UnexpectedAnswer. `type` is never looked at, since nearly every error
is an OAuthException.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookups.graph.errors import (
    GraphError,
    NotPermitted,
    ProofRefused,
    ServerTrouble,
    TokenRefused,
    TooManyCalls,
    UnderPolicyReview,
    UnexpectedAnswer,
    UnknownID,
)


@dataclass(frozen=True)
class KnownError:
    """One known error of Graph's; an error is this one if all fields that are set fit."""

    error: type[GraphError]
    codes: range
    subcode: int | None = None
    text: str = ""

    def fits(self, code: int, subcode: int | None, message: str) -> bool:
        """Tell whether an error with these facts is this one."""
        return code in self.codes and (self.subcode is None or self.subcode == subcode) and self.text in message.lower()


def _one(code: int) -> range:
    return range(code, code + 1)


KNOWN = (
    KnownError(UnknownID, _one(100), subcode=33),
    KnownError(UnknownID, _one(100), subcode=2018001),
    KnownError(NotPermitted, _one(100), subcode=2018218),
    KnownError(NotPermitted, _one(100), subcode=2018247),
    KnownError(ProofRefused, _one(100), text="appsecret_proof"),
    KnownError(ProofRefused, _one(100), text="app secret proof"),
    KnownError(UnknownID, _one(100), text="unsupported get request"),
    KnownError(UnderPolicyReview, _one(200), text="going through review"),
    KnownError(ServerTrouble, range(1, 3)),
    KnownError(NotPermitted, _one(3)),
    KnownError(TooManyCalls, _one(4)),
    KnownError(NotPermitted, _one(10)),
    KnownError(TooManyCalls, _one(17)),
    KnownError(TooManyCalls, _one(32)),
    KnownError(UnknownID, _one(33)),
    KnownError(TokenRefused, _one(102)),
    KnownError(TokenRefused, _one(104)),
    KnownError(TokenRefused, _one(190)),
    KnownError(NotPermitted, range(200, 300)),
    KnownError(TooManyCalls, _one(341)),
    KnownError(NotPermitted, _one(368)),
    KnownError(UnknownID, _one(551)),
    KnownError(TooManyCalls, _one(613)),
    KnownError(UnknownID, _one(803)),
    KnownError(TokenRefused, _one(2500), text="active access token"),
    KnownError(TooManyCalls, range(80000, 80100)),
)


def recognise(body: Mapping[str, Any], *, http_status: int, trace_id: str = "") -> GraphError:
    """Give the error that an error body stands for; never raises.

    Takes `{"error": {...}}`, and the two odd envelopes `{"error": 190, "error_description": ..}` and
    `{"error_type": .., "code": .., "error_message": ..}`.
    """
    error = body.get("error")
    if not isinstance(error, Mapping):
        code = error if error is not None else body.get("code")
        error = {"code": code, "message": body.get("error_description") or body.get("error_message")}
    code = _number(error.get("code"))
    subcode = _number(error.get("error_subcode") or error.get("subcode"))
    message = error.get("message") if isinstance(error.get("message"), str) else ""
    kind = _kind(code, subcode, message or "", error.get("is_transient") is True)
    return kind(
        message or "Graph refused without saying why.",
        code=code,
        subcode=subcode,
        trace_id=_text(error.get("fbtrace_id")) or trace_id,
        http_status=http_status,
    )


def without_json(http_status: int, *, trace_id: str = "") -> GraphError:
    """Give the error for an answer that is not JSON: Graph's outermost servers failed, or something else answered."""
    facts: dict[str, Any] = {"http_status": http_status, "trace_id": trace_id}
    if http_status == 429:
        return TooManyCalls("Graph answered: too many requests.", **facts)
    if http_status >= 500:
        return ServerTrouble(f"Graph answered with status {http_status} and no explanation.", **facts)
    error = UnexpectedAnswer(f"Graph answered with status {http_status}, but not in JSON.", **facts)
    error.worth_another_try = http_status == 200
    return error


def _kind(code: int | None, subcode: int | None, message: str, is_transient: bool) -> type[GraphError]:
    if code is not None:
        for known in KNOWN:
            if known.fits(code, subcode, message):
                return known.error
    return ServerTrouble if is_transient else UnexpectedAnswer


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**31 else None  # a larger one fits no column
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return None


def _text(value: Any) -> str:
    return value[:64] if isinstance(value, str) else ""
