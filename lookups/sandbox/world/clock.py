"""The sandbox's clock: the real time, and what a test has put it forward by."""

import time
from dataclasses import dataclass


@dataclass
class Clock:
    """Tells when tokens end, reviews begin and usage starts anew; not how old a timed proof is."""

    ahead: float = 0.0

    def now(self) -> float:
        """Give the time in seconds since 1970."""
        return time.time() + self.ahead
