"""Usage headers and limits: how much of its pool of calls an app or a Page has used up (wire contract, 5).

An app may make 200 calls an hour for each of its daily users. A Page may make 200 (pool messenger) or 4800 (pool pages)
calls a day for each person engaged with it. Nothing is limited until a test says how many users there are.
"""

import json
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.clock import Clock

CALLS_AN_HOUR = 200 * 10_000
HOUR, DAY = 3600, 86400
CALLS_A_USER = {"app": 200, "messenger": 200, "pages": 4800}


@dataclass
class Window:
    """Calls of the last hour or day, counted by the second. Calls that were refused count, too."""

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
        """How much of the pool is used; it may be over 100."""
        return 100 * self.used // self.most

    def minutes_to_wait(self, now: float) -> int:
        """Give in how many minutes a call is possible again, if nobody calls; 0 if one is possible now."""
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
    """Counts calls by app or Page. `asked_for` holds what a test wants headers to say: percent, minutes to wait."""

    pool_of_pages: str
    clock: Clock
    asked_for: dict[str, tuple[int, int]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget all calls, all limits, and what a test asked for."""
        self.asked_for.clear()
        self.windows.clear()
        self._calls.clear()

    def change(self, asset: Asset, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out an order about usage: see `usage` in `control.events`. Raises ValueError."""
        if "users" not in order:
            self.asked_for[asset.id] = (int(order["percent"]), int(order.get("regain_minutes", 0)))
            return {"usage": {key: percent for key, (percent, _) in self.asked_for.items()}}
        users = int(order["users"])
        if users < 1:
            raise ValueError("users is a number from 1")
        pool = self._pool(asset)
        window = Window(HOUR if pool == "app" else DAY, CALLS_A_USER[pool] * users)
        if used := int(order.get("used", 0)):
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
        """Count calls of an app or a Page, and give the header that shows its usage."""
        if asset is None:
            return {}
        page_id, pool = ("", "") if asset.kind == "app" else (asset.id, self.pool_of_pages)
        name, text = _header(page_id, pool, *self._count(asset, calls))
        return {name: text}

    def _count(self, asset: Asset, calls: int) -> tuple[int, int]:
        now = self.clock.now()
        if window := self.windows.get(asset.id):
            window.add(now, calls)
            return self.asked_for.get(asset.id) or (window.percent, window.minutes_to_wait(now))
        key = f"{asset.id}/{int(now // HOUR)}"
        self._calls[key] += calls
        return self.asked_for.get(asset.id, (100 * self._calls[key] // CALLS_AN_HOUR, 0))

    def _pool(self, asset: Asset) -> str:
        return "app" if asset.kind == "app" else self.pool_of_pages


@lru_cache(maxsize=1024)  # the items of a batch mostly need the same one
def _header(page_id: str, pool: str, percent: int, regain: int) -> tuple[str, str]:
    """Give the header's name and text: of a Page, or without one of an app."""
    used = {"call_count": percent, "total_cputime": percent, "total_time": percent}
    if not page_id:
        return "x-app-usage", json.dumps(used, separators=(",", ":"))
    of_page = {page_id: [{"type": pool, **used, "estimated_time_to_regain_access": regain}]}
    return "x-business-use-case-usage", json.dumps(of_page, separators=(",", ":"))
