"""The state of all tokens, and the alarms for the banner. Calls nobody.

A token needs no attention if another token has replaced it, or if its app or Page is retired.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from businesses.models import AccessToken, Asset
from lookups.tokens.health import Health, Level, health_of, without_token


@dataclass(frozen=True)
class TokenHealth:
    """The state of one token, or of an app or Page without a token (`token` is None).

    `in_use`: the app or Page is asked with this token, or would be.
    """

    asset: Asset
    token: AccessToken | None
    health: Health
    in_use: bool = True

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must do something; never for a token that is not in use."""
        return self.in_use and self.health.needs_somebody

    @property
    def dies_first(self) -> tuple[object, ...]:
        """Sort key: tokens in use first, then the worst state, then the earliest end."""
        ends = self.health.ends_at.timestamp() if self.health.ends_at else float("inf")
        return (not self.in_use, self.health.level, ends, self.asset.name, -(self.token.pk if self.token else 0))


def token_healths(tokens: "QuerySet[AccessToken]", assets: Iterable[Asset], now: datetime) -> list[TokenHealth]:
    """Judge these tokens, and these apps and Pages that have none; what dies first comes first."""
    found: list[TokenHealth] = []
    seen: set[int] = set()
    of_these = AccessToken.objects.filter(pk__in=tokens.order_by())
    for token in of_these.best_first().select_related("asset__business", "asset__managed_by", "last_check"):
        in_use = token.asset_id not in seen and token.asset.retired_at is None
        found.append(TokenHealth(token.asset, token, health_of(token, now), in_use))
        seen.add(token.asset_id)
    bare = (asset for asset in assets if asset.pk not in seen and asset.retired_at is None)
    found += [TokenHealth(asset, None, without_token(asset)) for asset in bare]
    return sorted(found, key=lambda one: one.dies_first)


@dataclass(frozen=True)
class TokenAlarm:
    """The banner's figures for one business: how many tokens can't be used, and how many others need attention."""

    business: str
    business_pk: int
    dead: int
    ending: int


def alarms(tokens: "QuerySet[AccessToken]", now: datetime) -> list[TokenAlarm]:
    """Count, by business, the tokens in use that are dead, are wrong or end within 14 days."""
    well = {"refused_at": None, "problem": "", "expires_at": None, "data_access_ends_at": None}
    if not tokens.exclude(**{f"last_check__{column}": value for column, value in well.items()}).exists():
        return []  # the usual case on every page: one cheap query
    bad = [one for one in token_healths(tokens, (), now) if one.needs_somebody]
    by_business = sorted(bad, key=lambda one: (one.asset.business.name, one.asset.business_id))
    return [_alarm(list(group)) for _, group in groupby(by_business, key=lambda one: one.asset.business_id)]


def _alarm(bad: Sequence[TokenHealth]) -> TokenAlarm:
    dead = sum(one.health.level == Level.DEAD for one in bad)
    business = bad[0].asset.business
    return TokenAlarm(business.name, business.pk, dead, len(bad) - dead)
