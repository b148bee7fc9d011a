"""The sandbox's clock: the real time, or ahead of it by as much as a test wants."""

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """The clock by which tokens end, reviews begin and usage starts anew. Timed proofs go by the real time."""

    ahead: float = 0.0

    def now(self) -> float:
        """Give the time in seconds since 1970."""
        return time.time() + self.ahead
