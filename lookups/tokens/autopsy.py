"""Why a token died, and what suffers from that: held lookups, and links that no answer confirms any more."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from businesses.models import AccessToken, Asset, Problem, TokenCheck
from lookups.models import HeldFor, Lookup, Match, ScopedID, State
from lookups.tokens.causes import (
    CAUSE_UNKNOWN,
    DATA_ACCESS_ENDED,
    SECRET_RESET,
    TOKEN_EXPIRED,
    CauseOfDeath,
    cause_of_death,
)


@dataclass(frozen=True)
class Autopsy:
    """The facts about one dead token. `others_work`: the app or Page uses another token, so nothing suffers."""

    cause: CauseOfDeath
    last_good: datetime | None
    first_bad: datetime | None
    others_work: bool
    held: int = 0
    scoped_ids: int = 0
    links: int = 0


def autopsy_of(token: AccessToken, now: datetime) -> Autopsy | None:
    """Say why a token is dead and what suffers; None if the token is alive, or is only the wrong one."""
    cause, check = _cause(token, now), token.last_check
    if cause is None:
        return None
    first_bad = check.refused_at or _ended_at(check, now) or check.checked_at
    if in_use_instead(token):
        return Autopsy(cause, check.last_used_at, first_bad, others_work=True)
    return Autopsy(
        cause,
        check.last_used_at,
        first_bad,
        others_work=False,
        held=held_of(token.asset).count(),
        scoped_ids=ScopedID.objects.filter(asset=token.asset).count(),
        links=hurt_links(token.asset).count(),
    )


def in_use_instead(token: AccessToken) -> AccessToken | None:
    """Give the working token that the app or Page uses in place of this one."""
    best = token.asset.tokens.best_first().first()
    if best is None or best.pk == token.pk or best.last_check.is_dead:
        return None
    return None if best.last_check.problem == Problem.SECRET_WRONG else best


def held_of(asset: Asset) -> QuerySet[Lookup]:
    """Give the lookups that wait for a working token of this app or Page."""
    return Lookup.objects.filter(state=State.HELD, held_for=HeldFor.TOKEN, asset=asset)


def hurt_links(asset: Asset) -> QuerySet[Match]:
    """Give the live links from this asset's own IDs: only questions with its token confirm them."""
    return Match.objects.filter(source__asset=asset, is_live=True, asserted_by=None)


def _cause(token: AccessToken, now: datetime) -> CauseOfDeath | None:
    """Give the cause of death: first by the refusal's code and words, then by the token's dates."""
    check = token.last_check
    if check.refused_at:
        signs_itself = token.asset.kind_of.signs_itself
        cause = cause_of_death(check.refused_subcode, check.refused_because, signs_itself=signs_itself)
        return cause if cause is not CAUSE_UNKNOWN else _cause_by_date(check, now) or CAUSE_UNKNOWN
    if check.problem == Problem.SECRET_WRONG:
        return SECRET_RESET
    return DATA_ACCESS_ENDED if check.problem == Problem.DATA_ACCESS else _cause_by_date(check, now)


def _cause_by_date(check: TokenCheck, now: datetime) -> CauseOfDeath | None:
    if check.expires_at and check.expires_at <= now:
        return TOKEN_EXPIRED
    return DATA_ACCESS_ENDED if check.data_access_ends_at and check.data_access_ends_at <= now else None


def _ended_at(check: TokenCheck, now: datetime) -> datetime | None:
    over = [at for at in (check.expires_at, check.data_access_ends_at) if at and at <= now]
    return min(over, default=None)
