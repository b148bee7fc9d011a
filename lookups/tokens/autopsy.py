"""What killed a token, and what suffers from it: held lookups, links that nobody confirms any more."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from businesses.models import AccessToken, FacebookApp, Page, Problem
from lookups.models import HeldFor, Lookup, Match, ScopedID, State
from lookups.models.scoped_id import scope_of
from lookups.tokens.causes import DATA_ACCESS, EXPIRED, SECRET_RESET, UNKNOWN, Cause, cause_of


@dataclass(frozen=True)
class Autopsy:
    """Of one dead token. `others_work`: another token of the same app or Page is used, so nothing suffers."""

    cause: Cause
    last_good: datetime | None
    first_bad: datetime | None
    others_work: bool
    held: int = 0
    scoped_ids: int = 0
    links: int = 0


def autopsy_of(token: AccessToken, now: datetime) -> Autopsy | None:
    """Say why a token is dead and what that does; None of one that lives, or is only the wrong one."""
    cause = _cause(token, now)
    asset = token.asset
    if cause is None or asset is None:
        return None
    first_bad = token.refused_at or _ended_at(token, now) or token.checked_at
    if in_use_instead(token):
        return Autopsy(cause, token.last_used_at, first_bad, others_work=True)
    return Autopsy(
        cause,
        token.last_used_at,
        first_bad,
        others_work=False,
        held=held_of(asset).count(),
        scoped_ids=ScopedID.objects.filter(**scope_of(asset)).count(),
        links=hurt_links(asset).count(),
    )


def in_use_instead(token: AccessToken) -> AccessToken | None:
    """Give the living token that its app or Page is asked with in place of this one."""
    best = token.asset.tokens.best_first().first() if token.asset else None
    if best is None or best.pk == token.pk or best.is_dead or best.problem == Problem.SECRET_WRONG:
        return None
    return best


def held_of(asset: FacebookApp | Page) -> QuerySet[Lookup]:
    """Lookups that wait for a working token of this app or Page."""
    return Lookup.objects.filter(state=State.HELD, held_for=HeldFor.TOKEN, **scope_of(asset))


def hurt_links(asset: FacebookApp | Page) -> QuerySet[Match]:
    """Live links that only questions with a token of this app or Page confirm: those from its own IDs."""
    mine = Q(source__app=asset) if isinstance(asset, FacebookApp) else Q(source__page=asset)
    return Match.objects.filter(mine, is_live=True, asserted_by=None)


def _cause(token: AccessToken, now: datetime) -> Cause | None:
    """Give what killed it: the refusal's own code and words first, then what is known of its dates."""
    if token.refused_at:
        cause = cause_of(token.refused_subcode, token.refused_because, of_app=bool(token.app_id))
        return cause if cause is not UNKNOWN else _cause_by_date(token, now) or UNKNOWN
    if token.problem == Problem.SECRET_WRONG:
        return SECRET_RESET
    return DATA_ACCESS if token.problem == Problem.DATA_ACCESS else _cause_by_date(token, now)


def _cause_by_date(token: AccessToken, now: datetime) -> Cause | None:
    if token.expires_at and token.expires_at <= now:
        return EXPIRED
    return DATA_ACCESS if token.data_access_ends_at and token.data_access_ends_at <= now else None


def _ended_at(token: AccessToken, now: datetime) -> datetime | None:
    over = [at for at in (token.expires_at, token.data_access_ends_at) if at and at <= now]
    return min(over, default=None)
