"""Deliveries to a callback URL, many at once, and what came back for each."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.callbacks.http_client import FORM, Response, exchange

MOST_DELIVERIES = 1000


@dataclass(frozen=True)
class Delivery:
    """One request, to be sent `times` times, byte for byte. `about` names it in the report."""

    about: dict[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": FORM})
    times: int = 1
    method: str = "POST"


def checked_at_once(people: Sequence[str], at_once: Any) -> int:
    """Give how many deliveries may be under way at once; raises ValueError for that or for a wrong number of people."""
    if not 1 <= len(people) <= MOST_DELIVERIES or not isinstance(at_once, int) or at_once < 1:
        raise ValueError(f"this is about 1 to {MOST_DELIVERIES} people, at least one at once")
    return at_once


async def deliver(
    url: str, deliveries: Sequence[Delivery], at_once: int, is_accepted: Callable[[Response], bool]
) -> list[dict[str, Any]]:
    """Send all and give a report on each, in order.

    A report holds what is in `about`, "seconds" and "accepted", then "status" and "body", or "error".
    """
    turn = asyncio.Semaphore(at_once)

    async def send(delivery: Delivery) -> list[dict[str, Any]]:
        async with turn:
            return [await _once(url, delivery, is_accepted) for _ in range(delivery.times)]

    reports = await asyncio.gather(*map(send, deliveries))
    return [one for several in reports for one in several]


async def _once(url: str, delivery: Delivery, is_accepted: Callable[[Response], bool]) -> dict[str, Any]:
    began, response, problem = time.monotonic(), Response(0, ""), ""
    try:
        response = await exchange(url, delivery.body, delivery.headers, delivery.method)
    except (OSError, TimeoutError) as error:
        problem = f"{type(error).__name__}: {error}"
    report: dict[str, Any] = {**delivery.about, "seconds": round(time.monotonic() - began, 3)}
    if problem:
        return {**report, "error": problem, "accepted": False}
    return {**report, "status": response.status, "body": response.body, "accepted": is_accepted(response)}
