"""How each token is, in words, with its remedy; which of them a person must see to. Asks nobody.

A token counts for what it is to its app or Page: one that another has replaced needs nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import models

from businesses.models import AccessToken, FacebookApp, Page, Problem
from businesses.models.access_token import BEST_FIRST
from lookups.tokens.causes import DATA_ACCESS, EXPIRED, SECRET_RESET, cause_of

WARN_DAYS, URGENT_DAYS = 14, 3
UNSEEN_AFTER = timedelta(hours=48)


class Level(models.IntegerChoices):
    """How bad it is, the worst first."""

    DEAD = 0, "unusable"
    URGENT = 1, "dies soon"
    WARN = 2, "needs attention"
    UNKNOWN = 3, "not known"
    WELL = 4, "works"


@dataclass(frozen=True)
class Health:
    """A state by its code and in words, what to do about it, and when it ends by itself."""

    code: str
    level: Level
    words: str
    remedy: str = ""
    ends_at: datetime | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must do something."""
        return self.level <= Level.WARN


@dataclass(frozen=True)
class Standing:
    """An app or Page and one of its tokens; None if it has none. `in_use`: what it is asked with, or would be."""

    asset: FacebookApp | Page
    token: AccessToken | None
    health: Health
    in_use: bool = True

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must do something: of a token that another has replaced nobody need know."""
        return self.in_use and self.health.needs_somebody

    @property
    def dies_first(self) -> tuple[object, ...]:
        """Sort key: in use first, the worst first, then whichever ends first."""
        ends = self.health.ends_at.timestamp() if self.health.ends_at else float("inf")
        return (not self.in_use, self.health.level, ends, self.asset.name, -(self.token.pk if self.token else 0))


_ADVICE = {
    Problem.WRONG_APP: "Choose the app that made it on the Page's form, or save a token made by the right app.",
    Problem.WRONG_PAGE: "Save the token of this very Page; the one saved here is another Page's.",
    Problem.WRONG_KIND: "Apps are asked with an app access token (ID|secret), Pages with a page access token.",
    Problem.NO_PERMISSION: "Log in to the app again, grant the permission, and save the new page access token.",
    Problem.UNCHECKABLE: "Until then nobody knows whether it works.",
}


def health_of(token: AccessToken, now: datetime) -> Health:
    """Judge one token by what is stored of it."""
    return _dead(token) or _ending(token, now) or _flawed(token) or _running(token, now)


def without_token(asset: FacebookApp | Page) -> Health:
    """Judge an app or Page that has no token."""
    kind = "app access token" if isinstance(asset, FacebookApp) else "page access token"
    return Health("no_token", Level.WARN, f"It has no {kind}.", "Add one: until then its IDs can't be asked about.")


def standings(
    tokens: models.QuerySet[AccessToken], assets: Iterable[FacebookApp | Page], now: datetime
) -> list[Standing]:
    """Judge all these tokens, and those of these apps and Pages that have none; what dies first comes first."""
    found: list[Standing] = []
    seen: set[tuple[int | None, int | None]] = set()
    for token in tokens.order_by(*BEST_FIRST).select_related("app__business", "page__business", "page__managed_by"):
        asset, key = token.asset, (token.app_id, token.page_id)
        if asset:
            found.append(Standing(asset, token, health_of(token, now), in_use=key not in seen))
        seen.add(key)
    for asset in assets:
        key = (asset.pk, None) if isinstance(asset, FacebookApp) else (None, asset.pk)
        if key not in seen:
            found.append(Standing(asset, None, without_token(asset)))
    return sorted(found, key=lambda one: one.dies_first)


@dataclass(frozen=True)
class Alarm:
    """What the banner says of one business: how many tokens can't be used, how many need attention."""

    business: str
    business_pk: int
    dead: int
    ending: int


def alarms(tokens: models.QuerySet[AccessToken], now: datetime) -> list[Alarm]:
    """Count, by business, the tokens in use that are dead, wrong or end within 14 days."""
    if not tokens.exclude(refused_at=None, problem="", expires_at=None, data_access_ends_at=None).exists():
        return []  # the usual case, on every page: one cheap question
    bad = [one for one in standings(tokens, (), now) if one.needs_somebody]
    by_business = sorted(bad, key=lambda one: (one.asset.business.name, one.asset.business_id))
    return [_alarm(list(group)) for _, group in groupby(by_business, key=lambda one: one.asset.business_id)]


def _alarm(bad: Sequence[Standing]) -> Alarm:
    dead = sum(one.health.level == Level.DEAD for one in bad)
    business = bad[0].asset.business
    return Alarm(business.name, business.pk, dead, len(bad) - dead)


def _dead(token: AccessToken) -> Health | None:
    if token.refused_at:
        cause = cause_of(token.refused_subcode, token.refused_because, of_app=bool(token.app_id))
        return Health(
            "refused",
            Level.DEAD,
            f"Graph refuses it since {token.refused_at:%d %b %Y}{_code(token)}: {cause.title.lower()}.",
            f"{cause.who[0].upper()}{cause.who[1:]} can mend it. {cause.steps[0]}",
        )
    if token.problem == Problem.RESTORED:
        return _restored(token)
    if token.is_wrong:
        remedy = (
            DATA_ACCESS.steps[0] if token.problem == Problem.DATA_ACCESS else _ADVICE.get(Problem(token.problem), "")
        )
        return Health(token.problem, Level.DEAD, token.problem_text, remedy)
    if token.problem == Problem.SECRET_WRONG:
        return Health(token.problem, Level.DEAD, token.problem_text, " ".join(SECRET_RESET.steps[:2]))
    return None


def _restored(token: AccessToken) -> Health:
    """Nobody need do anything while its check is still to come; then the check says what is in the way."""
    if token.checked_at:
        return Health(
            token.problem, Level.DEAD, token.problem_text, "Until a check finds that it works it is not used."
        )
    return Health(token.problem, Level.UNKNOWN, token.problem_text + _trouble(token), "It is checked by itself.")


def _trouble(token: AccessToken) -> str:
    return f" The last check failed: {token.check_trouble} It is tried again by itself." if token.check_trouble else ""


def _code(token: AccessToken) -> str:
    return f" (error {token.refused_code_text})" if token.refused_code else ""


def _ending(token: AccessToken, now: datetime) -> Health | None:
    ends = [
        (at, code, words, cause)
        for at, code, words, cause in (
            (token.expires_at, "expires", "It expires", EXPIRED),
            (token.data_access_ends_at, "data", "Its access to people's data ends", DATA_ACCESS),
        )
        if at and at <= now + timedelta(days=WARN_DAYS)
    ]
    if not ends:
        return None
    at, code, words, cause = min(ends)
    if at <= now:
        return Health(f"{code}_over", Level.DEAD, f"{cause.title}: on {at:%d %b %Y}.", cause.steps[0], at)
    days = (at - now).days
    level = Level.URGENT if at <= now + timedelta(days=URGENT_DAYS) else Level.WARN
    when = "in less than a day" if days < 1 else f"in {days} day{'s' if days > 1 else ''}"
    limit = URGENT_DAYS if level == Level.URGENT else WARN_DAYS
    return Health(f"{code}_{limit}", level, f"{words} {when}, on {at:%d %b %Y}.", cause.steps[0], at)


def _flawed(token: AccessToken) -> Health | None:
    if not token.problem:
        return None
    return Health(token.problem, Level.WARN, token.problem_text, _ADVICE.get(Problem(token.problem), ""))


def _running(token: AccessToken, now: datetime) -> Health:
    ends_at = min((at for at in (token.expires_at, token.data_access_ends_at) if at), default=None)
    trouble = _trouble(token)
    if token.checked_at is None:
        return Health("unchecked", Level.UNKNOWN, f"It has not been checked yet.{trouble}", "", ends_at)
    if now - token.checked_at > UNSEEN_AFTER:
        return Health(
            "unseen", Level.UNKNOWN, f"It was last checked on {token.checked_at:%d %b %Y}.{trouble}", "", ends_at
        )
    until = f"for another {(ends_at - now).days} days" if ends_at else "with no end"
    return Health("valid", Level.WELL, f"It is valid, {until}.{trouble}", "", ends_at)
