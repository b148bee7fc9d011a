"""Usage headers and limits: how much of its pool an app or a Page has used up (wire contract, 5).

An app may make 200 calls an hour for each of its daily users; a Page 200 (messenger) or 4800 (pages) calls a
day for each person engaged with it. Nothing is limited until their numbers are set.
"""

import json
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lookups.sandbox.world import refusals
from lookups.sandbox.world.clock import Clock
from lookups.sandbox.world.world import Asset

CALLS_AN_HOUR = 200 * 10_000
HOUR, DAY = 3600, 86400
CALLS_A_USER = {"app": 200, "messenger": 200, "pages": 4800}


@dataclass
class Window:
    """Calls of the last hour or day, counted by the second; those made while blocked count, too."""

    seconds: int
    most: int
    used: int = 0
    _calls: deque[tuple[int, int]] = field(default_factory=deque)

    def add(self, now: float, calls: int) -> None:
        """Count calls made now."""
        self.slide(now)
        self._calls.append((int(now), calls + (self._calls.pop()[1] if self._is_last(int(now)) else 0)))
        self.used += calls

    def slide(self, now: float) -> None:
        """Forget what is older than the window."""
        while self._calls and self._calls[0][0] <= now - self.seconds:
            self.used -= self._calls.popleft()[1]

    def _is_last(self, second: int) -> bool:
        return bool(self._calls) and self._calls[-1][0] == second

    @property
    def percent(self) -> int:
        """How much is used; may be over 100."""
        return 100 * self.used // self.most

    def minutes_to_wait(self, now: float) -> int:
        """Tell in how many minutes there will be room again, if nobody calls; 0 while there is some."""
        left = self.used
        for second, calls in self._calls:
            if left < self.most:
                break
            left -= calls
            if left < self.most:
                return max(1, math.ceil((second + self.seconds - now) / 60))
        return 0


@dataclass
class Usage:
    """Counts calls by app or Page; `told` holds (percent, minutes to wait) that a test asked for."""

    pool_of_pages: str
    clock: Clock
    told: dict[str, tuple[int, int]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget all calls, all limits, and what was told."""
        self.told.clear()
        self.windows.clear()
        self._calls.clear()

    def change(self, asset: Asset, told: dict[str, Any]) -> dict[str, Any]:
        """Set what headers tell, or how many users there are: see `happenings`, usage. Raises ValueError."""
        if "users" not in told:
            self.told[asset.id] = (int(told["percent"]), int(told.get("regain_minutes", 0)))
            return {"usage": {key: percent for key, (percent, _) in self.told.items()}}
        users = int(told["users"])
        if users < 1:
            raise ValueError("users is a number from 1")
        pool = self._pool(asset)
        window = Window(HOUR if pool == "app" else DAY, CALLS_A_USER[pool] * users)
        if used := int(told.get("used", 0)):
            window.add(self.clock.now(), used)
        self.windows[asset.id] = window
        return {"most": window.most, "percent": window.percent}

    def refuse(self, asset: Asset | None) -> None:
        """Raise Refusal where the pool of this app or Page is used up."""
        window = self.windows.get(asset.id) if asset else None
        if asset and window:
            window.slide(self.clock.now())
            if window.used >= window.most:
                raise refusals.limit_reached(self._pool(asset))

    def counted(self, asset: Asset | None, calls: int) -> dict[str, str]:
        """Count calls against the owner of their token, and give the header that tells of it."""
        if asset is None:
            return {}
        page_id, pool = ("", "") if asset.kind == "app" else (asset.id, self.pool_of_pages)
        name, text = _header(page_id, pool, *self._count(asset, calls))
        return {name: text}

    def _count(self, asset: Asset, calls: int) -> tuple[int, int]:
        now = self.clock.now()
        if window := self.windows.get(asset.id):
            window.add(now, calls)
            return self.told.get(asset.id) or (window.percent, window.minutes_to_wait(now))
        key = f"{asset.id}/{int(now // HOUR)}"
        self._calls[key] += calls
        return self.told.get(asset.id, (100 * self._calls[key] // CALLS_AN_HOUR, 0))

    def _pool(self, asset: Asset) -> str:
        return "app" if asset.kind == "app" else self.pool_of_pages


@lru_cache(maxsize=1024)  # items of a batch mostly say the same
def _header(page_id: str, pool: str, percent: int, regain: int) -> tuple[str, str]:
    """Give the header's name and text; an app's where there is no Page."""
    used = {"call_count": percent, "total_cputime": percent, "total_time": percent}
    if not page_id:
        return "x-app-usage", json.dumps(used, separators=(",", ":"))
    told = {page_id: [{"type": pool, **used, "estimated_time_to_regain_access": regain}]}
    return "x-business-use-case-usage", json.dumps(told, separators=(",", ":"))
