"""Letters to somebody's callback URL, many at once, and what came back of each."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.callbacks.posting import FORM, Response, exchange

MOST = 1000


@dataclass(frozen=True)
class Letter:
    """One request, sent so many times over, byte for byte; `about` names it in what is told."""

    about: dict[str, str]
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": FORM})
    times: int = 1
    method: str = "POST"


def checked(people: Sequence[str], at_once: Any) -> int:
    """Give how many may be under way at once; raises ValueError for too many people, or none."""
    if not 1 <= len(people) <= MOST or not isinstance(at_once, int) or at_once < 1:
        raise ValueError(f"this is about 1 to {MOST} people, at least one at once")
    return at_once


async def deliver(
    url: str, letters: Sequence[Letter], at_once: int, is_accepted: Callable[[Response], bool]
) -> list[dict[str, Any]]:
    """Send them all; gives for each, in order, `about`, "seconds", "accepted", and "status" and "body", or "error"."""
    turn = asyncio.Semaphore(at_once)

    async def send(letter: Letter) -> list[dict[str, Any]]:
        async with turn:
            return [await _once(url, letter, is_accepted) for _ in range(letter.times)]

    told = await asyncio.gather(*map(send, letters))
    return [one for answers in told for one in answers]


async def _once(url: str, letter: Letter, is_accepted: Callable[[Response], bool]) -> dict[str, Any]:
    began, response, problem = time.monotonic(), Response(0, ""), ""
    try:
        response = await exchange(url, letter.body, letter.headers, letter.method)
    except (OSError, TimeoutError) as error:
        problem = f"{type(error).__name__}: {error}"
    told: dict[str, Any] = {**letter.about, "seconds": round(time.monotonic() - began, 3)}
    if problem:
        return {**told, "error": problem, "accepted": False}
    return {**told, "status": response.status, "body": response.body, "accepted": is_accepted(response)}
