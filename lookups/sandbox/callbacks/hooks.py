"""Telling somebody of the n-th request, just before or after its answer: so a test can kill a worker at that point.

A hook is `{"when": "before"|"after", "nth": n, "url": ...}`, or `"signal"` and `"pid"` in place of the URL; used once.
Requests are counted from the moment in which the hook was set. The URL is POSTed to and answered before
the sandbox goes on; it must lead to this machine.
"""

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

from lookups.sandbox.callbacks.posting import check_loopback, post


@dataclass
class Hook:
    """One hook, and how many requests it has met."""

    when: str
    nth: int
    url: str = ""
    signal: str = ""
    pid: int = 0
    met: int = 0

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Hook":
        """Read a hook from JSON; raises ValueError for what is none."""
        hook = cls(told["when"], int(told["nth"]), str(told.get("url", "")), str(told.get("signal", "")))
        hook.pid = int(told.get("pid", 0))
        if hook.nth < 1:
            raise ValueError("nth counts from 1")
        if hook.when not in ("before", "after") or bool(hook.url) == bool(hook.signal):
            raise ValueError("a hook is before or after, and has a URL or a signal")
        if hook.url:
            check_loopback(hook.url)
        if hook.signal and (hook.pid <= 0 or not hasattr(signal, f"SIG{hook.signal}")):
            raise ValueError("a hook's signal is KILL, STOP or the like, with the process's number")
        return hook

    async def tell(self) -> None:
        """Send the signal, or POST to the URL and wait for its answer."""
        if self.signal:
            os.kill(self.pid, getattr(signal, f"SIG{self.signal}"))
            return
        await post(self.url)


async def tell(hooks: list[Hook], when: str) -> None:
    """Count a request at this point of its life, and tell those hooks whose turn it is."""
    for hook in [one for one in hooks if one.when == when]:
        hook.met += 1
        if hook.met == hook.nth:
            hooks.remove(hook)
            try:
                await hook.tell()
            except (OSError, TimeoutError) as error:
                # A harness that is gone must not look like a fault of Graph's.
                print(f"lookups.sandbox: a hook failed: {error}", file=sys.stderr)  # noqa: T201
