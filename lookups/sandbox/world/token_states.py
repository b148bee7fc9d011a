"""What may have become of a token, by cause; and the words in which Graph says so (wire contract, 3.1 and 4)."""

import time
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.refusals import Refusal

Key = tuple[str, str]
Cause = tuple[int, int | None, str]

LONGEST = 300 * 365 * 86400
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
CAUSES: dict[str, Cause] = {
    "expired": (190, 463, ""),
    "password changed": (190, 460, TEXTS[460]),
    "app removed": (190, 458, TEXTS[458]),
    "role lost": (190, 492, TEXTS[492]),
    "permission removed": (190, None, NO_PERMISSION),
}
DATA_ACCESS: Cause = (190, 493, TEXTS[493])


@dataclass
class States:
    """What has become of tokens, by their key: refused for a cause, ending at a moment, narrowed to some scopes."""

    clock: Clock
    refused: dict[Key, Cause] = field(default_factory=dict)
    ends: dict[Key, float] = field(default_factory=dict)
    data_access_ends: dict[Key, float] = field(default_factory=dict)
    scopes: dict[Key, list[str]] = field(default_factory=dict)

    def clear(self) -> None:
        """Every token is again as at first."""
        for state in (self.refused, self.ends, self.data_access_ends, self.scopes):
            state.clear()

    def change(self, key: Key, told: dict[str, Any]) -> dict[str, Any]:
        """Let something happen to a token: see `happenings`, tokens. Raises LookupError, ValueError."""
        now = self.clock.now()
        if "ends_in" in told:
            self.ends[key] = now + _seconds(told["ends_in"])
        elif "data_access_ends_in" in told:
            self.data_access_ends[key] = now + _seconds(told["data_access_ends_in"])
        elif "scopes" in told:
            self.scopes[key] = [str(one) for one in told["scopes"]]
        elif "because" in told:
            self.refused[key] = CAUSES[told["because"]]
        elif refuse := told["refuse"]:
            self.refused[key] = _cause(int(refuse["code"]), refuse.get("subcode"))
        else:
            for state in (self.refused, self.ends, self.data_access_ends, self.scopes):
                state.pop(key, None)
        return {"refused": sorted(f"{kind}:{name}" for kind, name in {*self.refused, *self.ends})}

    def cause_of(self, key: Key, end: float) -> Cause | None:
        """Give why a token, which ends at this moment, is invalid now; None where it is valid."""
        now = self.clock.now()
        cause = (190, 463, "") if end <= now else self.refused.get(key)
        if cause and cause[1] == 463:
            return 190, 463, _expired(min(end, now - 1), now)
        return cause

    def data_access_is_over(self, key: Key) -> bool:
        """Tell whether the person has not used the app for so long that nothing may be read of him."""
        return bool(self.data_access_ends) and self.data_access_ends.get(key, float("inf")) <= self.clock.now()


def refused_token(cause: Cause, status: int) -> Refusal:
    """The token was valid once."""
    return Refusal(status, cause[2], cause[0], subcode=cause[1])


def _seconds(value: Any) -> float:
    """Read a number of seconds, before or after now; raises ValueError for centuries, which no calendar takes."""
    seconds = float(value)
    if not abs(seconds) <= LONGEST:
        raise ValueError(f"not a number of seconds: {value!r}")
    return seconds


def _cause(code: int, subcode: Any) -> Cause:
    subcode = None if subcode is None else int(subcode)
    if code == 102:
        return code, subcode, SESSION_KEY
    return code, subcode, TEXTS.get(subcode, TEXTS[None])


def _expired(end: float, now: float) -> str:
    return f"{_INVALID}Session has expired on {_pacific(end)}. The current time is {_pacific(now)}."


def _pacific(moment: float) -> str:
    """Write a moment as Graph does: Wednesday, 16-Nov-22 07:45:51 PST. Here it is winter there all year."""
    return time.strftime("%A, %d-%b-%y %H:%M:%S PST", time.gmtime(moment - 8 * 3600))
