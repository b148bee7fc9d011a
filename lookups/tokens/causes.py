"""Why Graph refuses a token, by code, subcode and words; who can mend it, and how. Pure.

Error 190 has many causes: the wire contract, sections 3 and 4, says what its subcodes mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PAGE_ADMIN = "an admin of the Page"
APP_ADMIN = "an admin of the app at developers.facebook.com"
MAKER = "the person whose login made the token"
IDLINK_ADMIN = "an admin here in idlink"

_FROM_SYSTEM_USER = (
    "Better still, make it with a system user (Business settings > Users > System users): "
    "such a token does not depend on one person's password or role."
)
_SAVE = "Save the new token under Access tokens; lookups that wait go on by themselves."


@dataclass(frozen=True)
class CauseOfDeath:
    """Why a token does not work. `who` names who can mend it; `steps` say how, in order."""

    code: str
    title: str
    meaning: str
    who: str
    steps: tuple[str, ...]


TOKEN_EXPIRED = CauseOfDeath(
    "expired",
    "It has expired",
    "The token was made for a limited time, and that time is over.",
    MAKER,
    (
        "Log in to the app again and make a long-lived user token; the page access token got from it has no end.",
        _FROM_SYSTEM_USER,
        _SAVE,
    ),
)
PASSWORD_CHANGED = CauseOfDeath(
    "password",
    "The password was changed",
    "The person whose login made the token has changed the password, or Facebook ended the sessions for safety. "
    "All tokens made by that login died with it, those of other Pages, too.",
    MAKER,
    ("Log in to the app again with the new password and make the page access token anew.", _FROM_SYSTEM_USER, _SAVE),
)
APP_REMOVED = CauseOfDeath(
    "app_removed",
    "The app was removed",
    "The person whose login made the token has removed the app from the Facebook account, or never authorised it.",
    MAKER,
    ("Log in to the app again and grant what it asks for.", "Make the page access token anew.", _SAVE),
)
ROLE_LOST = CauseOfDeath(
    "role_lost",
    "The role on the Page was lost",
    "The person whose login made the token no longer has a role on this Page, or the Page's business demands "
    "two-factor authentication and the person has none.",
    PAGE_ADMIN,
    (
        "Give the person the role again (Page settings > Page access), or let another admin of the Page log in.",
        "If the business demands two-factor authentication, that person must switch it on.",
        "Make the page access token anew.",
        _SAVE,
    ),
)
PERMISSION_REMOVED = CauseOfDeath(
    "permission_removed",
    "A permission was taken away",
    "The person whose login made the token has taken back a permission, or the Page was unticked in that login.",
    MAKER,
    (
        "Log in to the app again and leave all permissions and this Page ticked.",
        "Make the page access token anew.",
        _SAVE,
    ),
)
DATA_ACCESS_ENDED = CauseOfDeath(
    "data_access",
    "Its access to data has ended",
    "The person whose login made the token has not used the app for 90 days: the token lives on, but Graph gives "
    "nothing for it any more.",
    MAKER,
    ("Log in to the app again: 90 days begin anew.", "Make the page access token anew.", _FROM_SYSTEM_USER, _SAVE),
)
SECRET_RESET = CauseOfDeath(
    "secret_reset",
    "The app's secret was reset",
    "App access tokens die when the app's secret is reset, and calls signed with the old secret are refused.",
    APP_ADMIN,
    (
        "Read the present secret: developers.facebook.com > the app > App settings > Basic > App secret.",
        "Enter it here: Apps > the app > Rotate the secret. It is tried first, and the app access token made anew.",
        "Lookups that wait go on by themselves.",
    ),
)
CHECKPOINT = CauseOfDeath(
    "checkpoint",
    "The account is stopped at a checkpoint",
    "Facebook wants the person whose login made the token to confirm something first.",
    MAKER,
    (
        "Log in at facebook.com and do what is asked there.",
        "Then press “Check now”: the token may work again as it is.",
    ),
)
UNCONFIRMED = CauseOfDeath(
    "unconfirmed",
    "The account is not confirmed",
    "The Facebook account whose login made the token has not been confirmed.",
    MAKER,
    (
        "Log in at facebook.com and confirm the account.",
        "Then press “Check now”: the token may work again as it is.",
    ),
)
ENDED_BY_CALL = CauseOfDeath(
    "ended",
    "It was ended by a call",
    "Somebody, or some program, has revoked the token through the API.",
    APP_ADMIN,
    ("Find out which program revokes tokens, or it will end the next one, too.", "Make the token anew.", _SAVE),
)
LOGGED_OUT = CauseOfDeath(
    "logged_out",
    "The session is over",
    "The person whose login made the token has logged out, or Graph has lost the session.",
    MAKER,
    ("Press “Check now”: if Graph had a passing fault, the token works again.", "Otherwise make it anew.", _SAVE),
)
NOT_A_TOKEN = CauseOfDeath(
    "not_a_token",
    "It is no token of Graph's",
    "Graph can't read it: it was cut short, or something else was pasted.",
    IDLINK_ADMIN,
    ("Copy the token once more from where it came, whole and without blanks.", _SAVE),
)
CAUSE_UNKNOWN = CauseOfDeath(
    "unknown",
    "Graph does not say why",
    "The words that came with the refusal name no cause that idlink knows; they stand below as Graph wrote them.",
    APP_ADMIN,
    (
        "Press “Check now”: if Graph had a passing fault, the token works again.",
        "Look at the app and the Page in Business settings for what has changed since the last good call.",
        "Make the token anew.",
        _SAVE,
    ),
)

_BY_SUBCODE: Mapping[int, CauseOfDeath] = {
    458: APP_REMOVED,
    459: CHECKPOINT,
    460: PASSWORD_CHANGED,
    463: TOKEN_EXPIRED,
    464: UNCONFIRMED,
    466: ENDED_BY_CALL,
    467: LOGGED_OUT,
    492: ROLE_LOST,
    493: DATA_ACCESS_ENDED,
}
# The more specific words come first: texts about a role and about a permission both speak of impersonating a Page.
_BY_TEXT = (
    ("granted before impersonating", PERMISSION_REMOVED),
    ("impersonat", ROLE_LOST),
    ("changed their password", PASSWORD_CHANGED),
    ("changed the password", PASSWORD_CHANGED),
    ("not authorized application", APP_REMOVED),
    ("90 days", DATA_ACCESS_ENDED),
    ("data access", DATA_ACCESS_ENDED),
    ("has expired", TOKEN_EXPIRED),
    ("checkpoint", CHECKPOINT),
    ("not a confirmed user", UNCONFIRMED),
    ("using an api call", ENDED_BY_CALL),
    ("logged out", LOGGED_OUT),
    ("session key", LOGGED_OUT),
    ("appsecret_proof", SECRET_RESET),
    ("client secret", SECRET_RESET),
    ("error validating application", SECRET_RESET),
    ("parse access token", NOT_A_TOKEN),
    ("could not be decrypted", NOT_A_TOKEN),
    ("malformed access token", NOT_A_TOKEN),
    ("access token is required", NOT_A_TOKEN),
)
# Subcodes of causes that the token's person can mend without a new token. Such a token is used again as soon as
# Graph calls it valid.
PASSING = frozenset({459, 464, 467})


def cause_of_death(subcode: int | None, text: str, *, signs_itself: bool) -> CauseOfDeath:
    """Give the likely cause of a refusal: by its subcode, else by its words.

    `signs_itself`: the token is an app's own, so the app's secret signs its calls.
    """
    if subcode is not None and subcode in _BY_SUBCODE:
        return _BY_SUBCODE[subcode]
    words = text.lower()
    # The secret signs only the app's own tokens, so a wrong signature means a wrong secret only there.
    if signs_itself and "signature" in words:
        return SECRET_RESET
    if "signature" in words:
        return NOT_A_TOKEN
    return next((cause for part, cause in _BY_TEXT if part in words), CAUSE_UNKNOWN)
