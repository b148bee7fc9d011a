"""How slowly the sandbox answers: fixed, random, and by the item of a batch."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Latency:
    """Seconds to wait before an answer: always, at random up to `spread`, and for each item of a batch."""

    seconds: float = 0.0
    spread: float = 0.0
    per_item: float = 0.0

    @property
    def is_any(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self.seconds or self.spread or self.per_item)

    def of(self, items: int) -> float:
        """Give the seconds to wait for an answer to so many items."""
        return self.seconds + self.spread * random.random() + self.per_item * items  # noqa: S311  (not a secret)
