"""The control endpoint, `/__control/`, where orders of a test come in. It is served with `--control` only."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from lookups.sandbox.callbacks.request_hooks import Hook, call_hooks
from lookups.sandbox.faults.answer import Answer
from lookups.sandbox.graph import Graph
from lookups.sandbox.wire.latency import Latency
from lookups.sandbox.wire.port import Port
from lookups.sandbox.wire.secured import Secured

ROOT = "/__control/"
_WRONG = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
Act = Callable[["Control", dict[str, Any]], Any]
SlowAct = Callable[["Control", dict[str, Any]], Awaitable[Any]]


@dataclass
class Control:
    """Carries out orders, and holds the state that belongs to the server: latency, hooks, port, TLS, trap.

    `orders` are carried out at once, `slow_orders` take their time. `trapped` counts the connections to the trap, an
    address that nobody should ever come to.
    """

    graph: Graph
    latency: Latency = field(default_factory=Latency)
    orders: Mapping[tuple[str, str], Act] = field(default_factory=dict)
    slow_orders: Mapping[str, SlowAct] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    connections: set[Callable[[], None]] = field(default_factory=set)  # each ends one
    port: Port | None = None
    tls: Secured | None = None
    url: str = ""
    trap_url: str = ""
    trapped: int = 0
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def __post_init__(self) -> None:
        """Remember the latency for a reset."""
        self.latency_at_first = self.latency

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """Answer an order that is carried out at once."""
        name, query = _named(target)
        act = self.orders.get((method, name))
        if act is None:
            return Answer(404, {"error": f"no {method} {name} here"})
        try:
            return Answer(200, act(self, _order(query, body)))
        except _WRONG as error:
            return _refused(error)

    async def answer_in_time(self, method: str, target: str, body: bytes) -> Answer:
        """Answer an order that takes its time; meanwhile other requests are answered."""
        name, query = _named(target)
        if method != "POST":
            return self.answer(method, target, body)
        try:
            return Answer(200, await self.slow_orders[name](self, _order(query, body)))
        except _WRONG as error:
            return _refused(error)

    def takes_time(self, target: str) -> bool:
        """Tell whether the target names a slow order."""
        return target.startswith(ROOT) and _named(target)[0] in self.slow_orders

    def must_queue(self, target: str) -> bool:
        """Tell whether answering may take time: latency, faults, hooks or slow orders."""
        return bool(self.latency.is_any or self.hooks or self.graph.faults.rules or self.takes_time(target))

    def call_hooks_after(self) -> "asyncio.Task[None]":
        """Call the hooks for a request that was answered, in a task of its own."""
        task = asyncio.get_running_loop().create_task(call_hooks(self.hooks, "after"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _named(target: str) -> tuple[str, str]:
    name, _, query = target.removeprefix(ROOT).partition("?")
    return name, query


def _order(query: str, body: bytes) -> dict[str, Any]:
    order = json.loads(body or b"{}")
    if not isinstance(order, dict | list):
        raise ValueError("an order is a JSON object")
    return {**dict(parse_qsl(query)), **(order if isinstance(order, dict) else {"rules": order})}


def _refused(error: Exception) -> Answer:
    what = f"there is no {error}" if isinstance(error, KeyError) else str(error)
    return Answer(400, {"error": f"{type(error).__name__}: {what}"})
