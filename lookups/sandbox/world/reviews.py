"""Policy reviews: which businesses are under one, from when until when, for which share of calls."""

import random
from dataclasses import dataclass, field

from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.world import World


@dataclass(frozen=True)
class Span:
    """One review: begins and ends at moments of the clock; `share` of the calls meet it."""

    begins: float = 0.0
    ends: float | None = None
    share: float = 1.0


@dataclass
class Reviews:
    """All reviews of a world. The same seed draws the same calls."""

    world: World
    clock: Clock
    spans: dict[str, Span] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Back to the reviews that the world began with."""
        self.spans = {one.id: Span() for one in self.world.businesses.values() if one.under_review}
        self._chance = random.Random(self.world.seed)  # noqa: S311  (for repeatable reviews, not secrets)

    def meets(self, business_id: str) -> bool:
        """Tell whether a call of this business meets a review now."""
        span = self.spans.get(business_id)
        if span is None or not span.begins <= self.clock.now() < (span.ends or float("inf")):
            return False
        return span.share >= 1 or self._chance.random() < span.share
