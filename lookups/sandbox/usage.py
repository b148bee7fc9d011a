"""Usage headers: how much of its pool an app or a Page has used up (wire contract, 5)."""

import json
from collections import Counter
from dataclasses import dataclass, field

from lookups.sandbox.clock import Clock
from lookups.sandbox.world import Asset

CALLS_AN_HOUR = 200 * 10_000


@dataclass
class Usage:
    """Counts calls by app or Page and hour; `told` holds (percent, minutes to wait) that a test asked for."""

    pool_of_pages: str
    clock: Clock
    told: dict[str, tuple[int, int]] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget all calls, and what was told."""
        self.told.clear()
        self._calls.clear()

    def counted(self, asset: Asset | None, calls: int) -> dict[str, str]:
        """Count calls against the owner of their token, and give the header that tells of it."""
        if asset is None:
            return {}
        key = f"{asset.id}/{int(self.clock.now() // 3600)}"
        self._calls[key] += calls
        percent, regain = self.told.get(asset.id, (100 * self._calls[key] // CALLS_AN_HOUR, 0))
        used = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        if asset.kind == "app":
            return {"x-app-usage": json.dumps(used, separators=(",", ":"))}
        pool = {asset.id: [{"type": self.pool_of_pages, **used, "estimated_time_to_regain_access": regain}]}
        return {"x-business-use-case-usage": json.dumps(pool, separators=(",", ":"))}
