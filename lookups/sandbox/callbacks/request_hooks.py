"""Hooks: a test is called just before or after the answer to the n-th request, for example to kill a worker then.

A hook is `{"when": "before"|"after", "nth": n, "url": ...}`, or has `"signal"` and `"pid"` in place of the URL. It is
used once. Requests are counted from the moment in which the hook was set. The sandbox POSTs to the URL, which must lead
to this machine, and waits for the answer before it goes on.
"""

import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

from lookups.sandbox.callbacks.http_client import check_loopback, post


@dataclass
class Hook:
    """One hook. `met` counts the requests since it was set."""

    when: str
    nth: int
    url: str = ""
    signal: str = ""
    pid: int = 0
    met: int = 0

    @classmethod
    def read(cls, order: dict[str, Any]) -> "Hook":
        """Read a hook from JSON; raises ValueError for one that makes no sense."""
        hook = cls(order["when"], int(order["nth"]), str(order.get("url", "")), str(order.get("signal", "")))
        hook.pid = int(order.get("pid", 0))
        if hook.nth < 1:
            raise ValueError("nth counts from 1")
        if hook.when not in ("before", "after") or bool(hook.url) == bool(hook.signal):
            raise ValueError("a hook is before or after, and has a URL or a signal")
        if hook.url:
            check_loopback(hook.url)
        if hook.signal and (hook.pid <= 0 or not hasattr(signal, f"SIG{hook.signal}")):
            raise ValueError("a hook's signal is KILL, STOP or the like, with the process's number")
        return hook

    async def call(self) -> None:
        """Send the signal, or POST to the URL and wait for its answer."""
        if self.signal:
            os.kill(self.pid, getattr(signal, f"SIG{self.signal}"))
            return
        await post(self.url)


async def call_hooks(hooks: list[Hook], when: str) -> None:
    """Count a request before or after its answer, and call the hooks whose turn it is."""
    for hook in [one for one in hooks if one.when == when]:
        hook.met += 1
        if hook.met == hook.nth:
            hooks.remove(hook)
            try:
                await hook.call()
            except (OSError, TimeoutError) as error:
                # The test that set the hook may be gone; that must not look like a fault of Graph's.
                print(f"lookups.sandbox: a hook failed: {error}", file=sys.stderr)  # noqa: T201
