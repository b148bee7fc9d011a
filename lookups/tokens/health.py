"""The state of one token in words, and what to do about it, judged from the database. Calls nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from businesses.models import AccessToken, Asset, Problem, TokenCheck
from businesses.reasons import reason
from lookups.tokens.causes import DATA_ACCESS_ENDED, SECRET_RESET, TOKEN_EXPIRED, cause_of_death

WARN_DAYS, URGENT_DAYS = 14, 3
UNSEEN_AFTER = timedelta(hours=48)


class Level(models.IntegerChoices):
    """How bad a state is, the worst first."""

    DEAD = 0, "unusable"
    URGENT = 1, "dies soon"
    WARN = 2, "needs attention"
    UNKNOWN = 3, "not known"
    WELL = 4, "works"


@dataclass(frozen=True)
class Health:
    """A token's state as a code and in words, what to do about it, and when the token ends by itself."""

    code: str
    level: Level
    words: str
    remedy: str = ""
    ends_at: datetime | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must do something."""
        return self.level <= Level.WARN


_REMEDIES = {
    Problem.WRONG_APP: "Choose the app that made it on the Page's form, or save a token made by the right app.",
    Problem.WRONG_PAGE: "Save the token of this very Page; the one saved here is another Page's.",
    Problem.WRONG_KIND: "Apps are asked with an app access token (ID|secret), Pages with a page access token.",
    Problem.NO_PERMISSION: "Log in to the app again, grant it for this very Page, and save the new page access token.",
    Problem.UNCHECKABLE: "Until then nobody knows whether it works.",
    Problem.DATA_ACCESS: DATA_ACCESS_ENDED.steps[0],
    Problem.SECRET_WRONG: " ".join(SECRET_RESET.steps[:2]),
}


def health_of(token: AccessToken, now: datetime) -> Health:
    """Judge one token by its stored check."""
    check = token.last_check
    return _refused(token) or _wrong(check) or _ending(check, now) or _flawed(check) or _running(check, now)


def without_token(asset: Asset) -> Health:
    """Judge an app or Page that has no token."""
    why = reason("no_token", about={"asset": asset}, token=asset.kind_of.token)
    return Health(why.code, Level.WARN, why.text, why.remedy_for(may_act=True))


def _refused(token: AccessToken) -> Health | None:
    check = token.last_check
    if check.refused_at is None:
        return None
    signs_itself = token.asset.kind_of.signs_itself
    cause = cause_of_death(check.refused_subcode, check.refused_because, signs_itself=signs_itself)
    error = f" (error {check.refused_code_text})" if check.refused_code else ""
    words = f"Graph refuses it since {check.refused_at:%d %b %Y}{error}: {cause.title.lower()}."
    remedy = f"{cause.who[0].upper()}{cause.who[1:]} can mend it. {cause.steps[0]}"
    return Health("refused", Level.DEAD, words, remedy)


def _wrong(check: TokenCheck) -> Health | None:
    if check.problem == Problem.RESTORED:
        return _restored(check)
    if check.is_wrong or check.problem == Problem.SECRET_WRONG:
        return Health(check.problem, Level.DEAD, check.problem_text, _remedy(check))
    return None


def _restored(check: TokenCheck) -> Health:
    """Judge a token restored from a backup: unknown before its first check, dead after one that did not clear it."""
    if check.checked_at:
        remedy = "Until a check finds that it works it is not used."
        return Health(check.problem, Level.DEAD, check.problem_text, remedy)
    return Health(check.problem, Level.UNKNOWN, check.problem_text + _trouble(check), "It is checked by itself.")


def _remedy(check: TokenCheck) -> str:
    return _REMEDIES.get(Problem(check.problem), "")


def _trouble(check: TokenCheck) -> str:
    return f" The last check failed: {check.check_trouble} It is tried again by itself." if check.check_trouble else ""


def _ending(check: TokenCheck, now: datetime) -> Health | None:
    ends = [
        (at, code, words, cause)
        for at, code, words, cause in (
            (check.expires_at, "expires", "It expires", TOKEN_EXPIRED),
            (check.data_access_ends_at, "data", "Its access to people's data ends", DATA_ACCESS_ENDED),
        )
        if at and at <= now + timedelta(days=WARN_DAYS)
    ]
    if not ends:
        return None
    at, code, words, cause = min(ends)
    if at <= now:
        return Health(f"{code}_over", Level.DEAD, f"{cause.title}: on {at:%d %b %Y}.", cause.steps[0], at)
    urgent = at <= now + timedelta(days=URGENT_DAYS)
    code = f"{code}_{URGENT_DAYS if urgent else WARN_DAYS}"
    level = Level.URGENT if urgent else Level.WARN
    return Health(code, level, f"{words} {_in_days((at - now).days)}, on {at:%d %b %Y}.", cause.steps[0], at)


def _in_days(days: int) -> str:
    if days < 1:
        return "in less than a day"
    return f"in {days} day{'s' if days > 1 else ''}"


def _flawed(check: TokenCheck) -> Health | None:
    return Health(check.problem, Level.WARN, check.problem_text, _remedy(check)) if check.problem else None


def _running(check: TokenCheck, now: datetime) -> Health:
    ends_at = min((at for at in (check.expires_at, check.data_access_ends_at) if at), default=None)
    trouble = _trouble(check)
    if check.checked_at is None:
        return Health("unchecked", Level.UNKNOWN, f"It has not been checked yet.{trouble}", "", ends_at)
    if now - check.checked_at > UNSEEN_AFTER:
        words = f"It was last checked on {check.checked_at:%d %b %Y}.{trouble}"
        return Health("unseen", Level.UNKNOWN, words, "", ends_at)
    until = f"for another {(ends_at - now).days} days" if ends_at else "with no end"
    return Health("valid", Level.WELL, f"It is valid, {until}.{trouble}", "", ends_at)
