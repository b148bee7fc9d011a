"""Whether each call would go through: every app and Page of a business against every other, from the database alone.

This costs no call to Graph, and a constant number of queries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from businesses.credentials import tokens_in_use
from businesses.models import Asset, AssetKind
from businesses.reasons import Reason, reason
from lookups.asking.planning import plans
from lookups.models import QuotaPool, ScopedID
from lookups.models.outcomes import Edge, edge_to
from lookups.tokens.obstacles import (
    Colour,
    Obstacle,
    obstacles_as_source,
    obstacles_as_target,
    obstacles_between,
)

_WORST = [Colour.GREEN, Colour.AMBER, Colour.RED]
_PAGE_TO_APP = 1
# The guide's numbers of the lookups, by the kind of the source and the kind of the target.
_USE_CASES = {
    (AssetKind.PAGE, AssetKind.APP): _PAGE_TO_APP,
    (AssetKind.APP, AssetKind.PAGE): 2,
    (AssetKind.APP, AssetKind.APP): 3,
    (AssetKind.PAGE, AssetKind.PAGE): 4,
}


@dataclass(frozen=True)
class Readiness:
    """The obstacles to all questions about an asset's IDs, and to all questions that ask for its IDs."""

    asset: Asset
    as_source: tuple[Obstacle, ...] = ()
    as_target: tuple[Obstacle, ...] = ()

    @property
    def colour(self) -> Colour:
        """How a question about its IDs would end, whatever the target."""
        return _worst(self.as_source)


@dataclass(frozen=True)
class PreflightCall:
    """One possible question: about an ID of `source`, filtered to `target`."""

    source: Asset
    target: Asset
    obstacles: tuple[Obstacle, ...]

    @property
    def colour(self) -> Colour:
        """The colour of its worst obstacle; green without any."""
        return _worst(self.obstacles)

    @property
    def edge(self) -> Edge:
        """The edge asked for; with the kind of the source it says which of the guide's use cases this is."""
        return edge_to(self.target.kind)

    @property
    def use_case(self) -> int | None:
        """The guide's number of this lookup."""
        return _USE_CASES.get((self.source.kind_of, self.target.kind_of))

    @property
    def is_to_itself(self) -> bool:
        """Whether source and target are the same asset."""
        return self.source == self.target

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every obstacle's reason, the worst first."""
        worst_first = sorted(self.obstacles, key=lambda obstacle: -_WORST.index(obstacle.colour))
        return tuple(obstacle.reason for obstacle in worst_first)


def readiness_of(assets: Iterable[Asset], now: datetime) -> dict[Asset, Readiness]:
    """Judge each of these apps and Pages, with a constant number of queries."""
    known = list(assets)
    planned, tokens = plans(known), tokens_in_use(known)
    pools = {pool.asset_id: pool for pool in QuotaPool.objects.filter(asset__in=known)}
    return {
        asset: Readiness(
            asset,
            as_source=tuple(obstacles_as_source(asset, planned[asset], tokens.get(asset), pools.get(asset.pk), now)),
            as_target=tuple(obstacles_as_target(asset)),
        )
        for asset in known
    }


def call_between(source: Readiness, target: Readiness) -> PreflightCall:
    """Judge the question about an ID of one app or Page, filtered to another."""
    between = obstacles_between(source.asset, target.asset)
    obstacles = dict.fromkeys([*source.as_source, *target.as_target, *between])
    return PreflightCall(source.asset, target.asset, tuple(obstacles))


def calls_of_person(
    scoped_ids: Sequence[ScopedID], targets: Iterable[Asset], now: datetime
) -> list[tuple[Readiness, list[PreflightCall]]]:
    """Give, for each app and Page in which a person has an ID, a call for every target."""
    own = list(dict.fromkeys(scoped_id.asset for scoped_id in scoped_ids))
    wanted = list(targets)
    ready = readiness_of(dict.fromkeys([*own, *wanted]), now)
    logged_in = {asset.pk for asset in own if asset.kind == AssetKind.APP}
    return [(ready[one], [_of_person(call_between(ready[one], ready[to]), logged_in) for to in wanted]) for one in own]


def _of_person(call: PreflightCall, logged_in: set[int]) -> PreflightCall:
    """Add an obstacle to a Page's call for apps (use case 1) if the person has no known login to the asking app."""
    app = call.source.managed_by
    if call.use_case != _PAGE_TO_APP or app is None or app.pk in logged_in:
        return call
    unsure = Obstacle(Colour.AMBER, reason("not_logged_in", about={"app": app, "asset": call.source}))
    return PreflightCall(call.source, call.target, (*call.obstacles, unsure))


def _worst(obstacles: Iterable[Obstacle]) -> Colour:
    return max((obstacle.colour for obstacle in obstacles), key=_WORST.index, default=Colour.GREEN)
