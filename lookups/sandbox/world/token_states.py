"""Why a token is invalid, and the words in which Graph says so (wire contract, 3.1 and 4)."""

import time
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.refusals import Refusal

# Whose token it is: its kind, and the ID of its app, Page or user.
TokenKey = tuple[str, str]
# Code, subcode and message of the error.
TokenCause = tuple[int, int | None, str]

_LONGEST = 300 * 365 * 86400
_INVALID = "Error validating access token: "
TEXTS: dict[int | None, str] = {
    None: f"{_INVALID}The session is invalid.",
    458: f"{_INVALID}The user has not authorized application.",
    459: f"{_INVALID}The user is enrolled in a blocking, logged-in checkpoint",
    460: f"{_INVALID}The session has been invalidated because the user changed their password or Facebook has "
    "changed the session for security reasons.",
    464: f"{_INVALID}Sessions for the user are not allowed because the user is not a confirmed user.",
    466: f"{_INVALID}The session was invalidated explicitly using an API call.",
    467: f"{_INVALID}This may be because the user logged out or may be due to a system error.",
    492: "The user must be an administrator, editor, or moderator of the page in order to impersonate it. If the page "
    "business requires Two Factor Authentication, the user also needs to enable Two Factor Authentication.",
    493: "The access token is invalid since the user hasn't engaged the app in longer than 90 days.",
}
SESSION_KEY = "Session key invalid or no longer valid"
NO_PERMISSION = (
    "Any of the pages_read_engagement, pages_manage_metadata, pages_read_user_content, pages_manage_ads, "
    "pages_show_list or pages_messaging permission(s) must be granted before impersonating a user's page."
)
CAUSES: dict[str, TokenCause] = {
    "expired": (190, 463, ""),
    "password changed": (190, 460, TEXTS[460]),
    "app removed": (190, 458, TEXTS[458]),
    "role lost": (190, 492, TEXTS[492]),
    "permission removed": (190, None, NO_PERMISSION),
}
DATA_ACCESS: TokenCause = (190, 493, TEXTS[493])


@dataclass
class TokenStates:
    """What a test has done to tokens: refused for a cause, ending at a moment, narrowed to some permissions."""

    clock: Clock
    refused: dict[TokenKey, TokenCause] = field(default_factory=dict)
    ends: dict[TokenKey, float] = field(default_factory=dict)
    data_access_ends: dict[TokenKey, float] = field(default_factory=dict)
    scopes: dict[TokenKey, list[str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Make every token as it was at first."""
        for state in (self.refused, self.ends, self.data_access_ends, self.scopes):
            state.clear()

    def change(self, key: TokenKey, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order about a token: see `tokens` in `control.events`. Raises LookupError, ValueError."""
        now = self.clock.now()
        if "ends_in" in order:
            self.ends[key] = now + _seconds(order["ends_in"])
        elif "data_access_ends_in" in order:
            self.data_access_ends[key] = now + _seconds(order["data_access_ends_in"])
        elif "scopes" in order:
            self.scopes[key] = [str(one) for one in order["scopes"]]
        elif "because" in order:
            self.refused[key] = CAUSES[order["because"]]
        elif refuse := order["refuse"]:
            self.refused[key] = _cause(int(refuse["code"]), refuse.get("subcode"))
        else:
            for state in (self.refused, self.ends, self.data_access_ends, self.scopes):
                state.pop(key, None)
        return {"refused": sorted(f"{kind}:{name}" for kind, name in {*self.refused, *self.ends})}

    def cause_of(self, key: TokenKey, end: float) -> TokenCause | None:
        """Give why a token that ends at the moment `end` is invalid now; None for a valid one."""
        now = self.clock.now()
        cause = (190, 463, "") if end <= now else self.refused.get(key)
        if cause and cause[1] == 463:
            return 190, 463, _expired(min(end, now - 1), now)
        return cause

    def data_access_is_over(self, key: TokenKey) -> bool:
        """Tell whether the person has not used the app for so long that his data can't be read any more."""
        return bool(self.data_access_ends) and self.data_access_ends.get(key, float("inf")) <= self.clock.now()


def refused_token(cause: TokenCause, status: int) -> Refusal:
    """Give the error that refuses a token for this cause."""
    return Refusal(status, cause[2], cause[0], subcode=cause[1])


def _seconds(value: Any) -> float:
    """Read a number of seconds, before or after now; raises ValueError for more than any calendar can hold."""
    seconds = float(value)
    if not abs(seconds) <= _LONGEST:
        raise ValueError(f"not a number of seconds: {value!r}")
    return seconds


def _cause(code: int, subcode: Any) -> TokenCause:
    subcode = None if subcode is None else int(subcode)
    if code == 102:
        return code, subcode, SESSION_KEY
    return code, subcode, TEXTS.get(subcode, TEXTS[None])


def _expired(end: float, now: float) -> str:
    return f"{_INVALID}Session has expired on {_pacific(end)}. The current time is {_pacific(now)}."


def _pacific(moment: float) -> str:
    """Write a moment as Graph does: Wednesday, 16-Nov-22 07:45:51 PST. Summer time is left out."""
    return time.strftime("%A, %d-%b-%y %H:%M:%S PST", time.gmtime(moment - 8 * 3600))
