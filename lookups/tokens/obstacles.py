"""What would stop or delay a call, judged from the database alone.

Red: Graph or Meta's policy would refuse the call, for a known cause. Amber: the call would be sent but waits, or
nobody knows for certain how it would end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db.models import TextChoices

from businesses.models import AccessToken, Asset, AssetKind, FoundBy, Ownership, Problem
from businesses.reasons import Reason, reason
from lookups.asking.planning import Plan, not_askable
from lookups.models import QuotaPool
from lookups.tokens.health import UNSEEN_AFTER, URGENT_DAYS, health_of


class Colour(TextChoices):
    """How a call would end, as a colour."""

    GREEN = "green", "ready"
    AMBER = "amber", "not sure"
    RED = "red", "can't"


@dataclass(frozen=True)
class Obstacle:
    """One thing that stops or delays a call, or may do so."""

    colour: Colour
    reason: Reason


def obstacles_as_source(
    asset: Asset, planned: Plan, token: AccessToken | None, pool: QuotaPool | None, now: datetime
) -> Iterator[Obstacle]:
    """Give the obstacles to all questions about IDs of this app or Page."""
    for why in planned.reasons:
        unsure = planned.allowed or why.code == "secret_doubted"
        yield Obstacle(Colour.AMBER if unsure else Colour.RED, why)
    if any(why.code == "no_managing_app" for why in planned.reasons):
        yield from _token_besides(asset, token)
    if token and not token.last_check.refused_at:
        rules = (_ends, _no_permission, _unchecked) if planned.credential else (_ends,)
        yield from chain.from_iterable(rule(asset, token, now) for rule in rules)
    if pool:
        yield from _of_pool(asset, pool, now)
    yield from _of_unknown_owner(asset)


def obstacles_as_target(asset: Asset) -> Iterator[Obstacle]:
    """Give the obstacles to all questions that ask for IDs in this app or Page."""
    foreign = not_askable(asset)
    if foreign:
        yield Obstacle(Colour.RED, foreign)
    elif asset.found_by != FoundBy.ANSWER:  # else Graph itself has named it as the business's own
        yield from _of_unknown_owner(asset)


def obstacles_between(page: Asset, app: Asset) -> Iterator[Obstacle]:
    """Give the obstacle to a Page's question for apps (use case 1): another business owns the Page's managing app."""
    manager = page.managed_by
    if page.kind != AssetKind.PAGE or app.kind != AssetKind.APP or manager is None or not manager.is_not_ours:
        return
    foreign = not_askable(manager)
    if foreign:
        about = {"asset": page, "app": manager}
        yield Obstacle(Colour.RED, reason("not_one_business", about=about, why=foreign.text))


def _token_besides(asset: Asset, token: AccessToken | None) -> Iterator[Obstacle]:
    """Give what is wrong with a Page's token, besides its missing managing app."""
    kind = asset.kind_of.token
    if token is None:
        yield Obstacle(Colour.RED, reason("no_token", about={"asset": asset}, token=kind))
    elif token.last_check.refused_at:
        because = token.last_check.refused_because
        yield Obstacle(Colour.RED, reason("token_refused", about={"asset": asset}, token=kind, because=because))


def _no_permission(asset: Asset, token: AccessToken, now: datetime) -> Iterator[Obstacle]:
    if token.last_check.problem == Problem.NO_PERMISSION:
        words = {"problem": token.last_check.problem_text, "how": health_of(token, now).remedy}
        yield Obstacle(Colour.RED, reason("no_permission", about={"asset": asset}, **words))


def _ends(asset: Asset, token: AccessToken, now: datetime) -> Iterator[Obstacle]:
    words = {"token": token.kind, "how": health_of(token, now).remedy}
    for at, ended, ends in (
        (token.last_check.expires_at, "token_expired", "token_ends"),
        (token.last_check.data_access_ends_at, "data_access", "data_access_ends"),
    ):
        if at and at <= now:
            yield Obstacle(Colour.RED, reason(ended, about={"asset": asset}, when=f"{at:%d %b %Y}", **words))
        elif at and at <= now + timedelta(days=URGENT_DAYS):
            when = f"{at:%d %b %Y, %H:%M} UTC"
            yield Obstacle(Colour.AMBER, reason(ends, about={"asset": asset}, when=when, **words))


def _unchecked(asset: Asset, token: AccessToken, now: datetime) -> Iterator[Obstacle]:
    check, about = token.last_check, {"asset": asset}
    if check.problem and check.problem != Problem.NO_PERMISSION:
        # Either the token can't be checked, or somebody saved a new secret after a check had found the old one wrong.
        yield Obstacle(Colour.AMBER, reason("token_uncheckable", about=about, problem=check.problem_text))
    elif check.checked_at is None:
        yield Obstacle(Colour.AMBER, reason("token_unchecked", about=about, token=token.kind))
    elif now - check.checked_at > UNSEEN_AFTER or (check.doubted_at and check.doubted_at > check.checked_at):
        when = f"{check.checked_at:%d %b %Y}"
        yield Obstacle(Colour.AMBER, reason("token_unseen", about=about, token=token.kind, when=when))


def _of_pool(asset: Asset, pool: QuotaPool, now: datetime) -> Iterator[Obstacle]:
    about = {"asset": asset}
    if pool.wait_until and pool.wait_until > now:
        day = "" if pool.wait_until.date() == now.date() else f"{pool.wait_until:%d %b} "
        until = f"{day}{pool.wait_until:%H:%M}"
        yield Obstacle(Colour.AMBER, reason("quota", about=about, until=until, why=f" {pool.why}".rstrip()))
    elif pool.troubles:
        yield Obstacle(Colour.AMBER, reason("trouble", about=about, count=pool.troubles))
    elif pool.percent >= settings.IDLINK_PACE_SLOW:
        yield Obstacle(Colour.AMBER, reason("slow", about=about, percent=f"{pool.percent:.0f}"))


def _of_unknown_owner(asset: Asset) -> Iterator[Obstacle]:
    if asset.ownership == Ownership.UNKNOWN:
        code = "owner_unknown" if asset.owner_checked_at else "owner_not_asked"
        yield Obstacle(Colour.AMBER, reason(code, about={"asset": asset, "business": asset.business}))
