"""Latency: how long the sandbox waits before it answers."""

import random
from dataclasses import dataclass, fields
from typing import Any

from lookups.sandbox.faults.actions import is_number

_LONGEST = 3600


@dataclass(frozen=True)
class Latency:
    """Seconds to wait before an answer: fixed, at random up to `spread`, and for each item of a batch."""

    seconds: float = 0.0
    spread: float = 0.0
    per_item: float = 0.0

    @classmethod
    def read(cls, values: dict[str, Any]) -> "Latency":
        """Read a latency; raises ValueError, naming what is wrong."""
        names = [one.name for one in fields(cls)]
        for name, value in values.items():
            if name not in names:
                raise ValueError(f"latency has no {name!r}; it has {', '.join(names)}")
            if not is_number(value, below=_LONGEST):
                raise ValueError(f"{name} is a number of seconds from 0 to {_LONGEST}, not {value!r}")
        return cls(**values)

    @property
    def is_any(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self.seconds or self.spread or self.per_item)

    def of(self, items: int) -> float:
        """Give the seconds to wait for an answer to so many items."""
        return self.seconds + self.spread * random.random() + self.per_item * items  # noqa: S311  (not a secret)
