"""All tokens by what they are to their app or Page, and what is alarming among them. Asks nobody.

A token that another has replaced needs nobody, nor does one of an app or Page that is retired.
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
    """How one of an app's or Page's tokens is; None if it has none. `in_use`: what it is asked with, or would be."""

    asset: Asset
    token: AccessToken | None
    health: Health
    in_use: bool = True

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must do something: of a token that is not in use nobody need know."""
        return self.in_use and self.health.needs_somebody

    @property
    def dies_first(self) -> tuple[object, ...]:
        """Sort key: in use first, the worst first, then whichever ends first."""
        ends = self.health.ends_at.timestamp() if self.health.ends_at else float("inf")
        return (not self.in_use, self.health.level, ends, self.asset.name, -(self.token.pk if self.token else 0))


def token_healths(tokens: "QuerySet[AccessToken]", assets: Iterable[Asset], now: datetime) -> list[TokenHealth]:
    """Judge all these tokens, and those of these apps and Pages that have none; what dies first comes first."""
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
    """What the banner says of one business: how many tokens can't be used, how many need attention."""

    business: str
    business_pk: int
    dead: int
    ending: int


def alarms(tokens: "QuerySet[AccessToken]", now: datetime) -> list[TokenAlarm]:
    """Count, by business, the tokens in use that are dead, wrong or end within 14 days."""
    well = {"refused_at": None, "problem": "", "expires_at": None, "data_access_ends_at": None}
    if not tokens.exclude(**{f"last_check__{column}": value for column, value in well.items()}).exists():
        return []  # the usual case, on every page: one cheap question
    bad = [one for one in token_healths(tokens, (), now) if one.needs_somebody]
    by_business = sorted(bad, key=lambda one: (one.asset.business.name, one.asset.business_id))
    return [_alarm(list(group)) for _, group in groupby(by_business, key=lambda one: one.asset.business_id)]


def _alarm(bad: Sequence[TokenHealth]) -> TokenAlarm:
    dead = sum(one.health.level == Level.DEAD for one in bad)
    business = bad[0].asset.business
    return TokenAlarm(business.name, business.pk, dead, len(bad) - dead)
