"""Policy reviews: which businesses are under one, from when to when, and which share of their calls it refuses."""

import random
from dataclasses import dataclass, field

from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.world import World


@dataclass(frozen=True)
class ReviewSpan:
    """One review. It begins and ends at moments of the clock, and refuses a `share` of the calls."""

    begins: float = 0.0
    ends: float | None = None
    share: float = 1.0


@dataclass
class Reviews:
    """All reviews of a world. Chance picks the refused calls; the same seed picks the same ones."""

    world: World
    clock: Clock
    spans: dict[str, ReviewSpan] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Leave only the reviews that the world began with."""
        self.spans = {one.id: ReviewSpan() for one in self.world.businesses.values() if one.under_review}
        self._chance = random.Random(self.world.seed)  # noqa: S311  (for repeatable reviews, not secrets)

    def meets(self, business_id: str) -> bool:
        """Tell whether a review refuses this call of the business."""
        span = self.spans.get(business_id)
        if span is None or not span.begins <= self.clock.now() < (span.ends or float("inf")):
            return False
        return span.share >= 1 or self._chance.random() < span.share
