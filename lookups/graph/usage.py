"""How much of Graph's limits is used, as its usage headers tell (wire contract, section 5)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_SHARES = ("call_count", "total_time", "total_cputime")


@dataclass(frozen=True)
class PoolUsage:
    """How much of one limit is used, in percent, which may exceed 100.

    The limit is the calling app's (`kind` "app", `owner_id` empty) or that of the Page or business `owner_id`.
    """

    kind: str
    owner_id: str
    percent: float
    regain_minutes: float


def read_usage(headers: Mapping[str, str]) -> tuple[PoolUsage, ...]:
    """Read x-app-usage and x-business-use-case-usage; leaves out what is missing or malformed."""
    return _read(headers.get("x-app-usage"), headers.get("x-business-use-case-usage"))


@lru_cache(maxsize=256)  # most items of a batch carry the same headers
def _read(of_app: str | None, of_business: str | None) -> tuple[PoolUsage, ...]:
    app, by_owner = _json(of_app), _json(of_business)
    pools = [PoolUsage("app", "", _percent(app), 0.0)] if isinstance(app, dict) else []
    for owner_id, items in by_owner.items() if isinstance(by_owner, dict) else ():
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                kind = str(item.get("type", ""))[:40]
                regain = _number(item.get("estimated_time_to_regain_access"))
                pools.append(PoolUsage(kind, str(owner_id)[:40], _percent(item), regain))
    return tuple(pools)


def _percent(item: Mapping[str, Any]) -> float:
    return max(_number(item.get(share)) for share in _SHARES)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0


def _json(text: str | None) -> Any:
    if not text or len(text) > 20_000:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
