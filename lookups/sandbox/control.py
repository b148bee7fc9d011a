"""Changing and watching the sandbox while it runs, for tests: `/__control/`, served only with `--control`.

What can be told (POST) and read (GET) stands in DOORS; a list stands for `{"rules": list}`.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lookups.sandbox import happenings
from lookups.sandbox.graph import Answer, Graph
from lookups.sandbox.hooks import Hook, tell
from lookups.sandbox.latency import Latency

MOST_PEOPLE = 10_000


@dataclass
class Control:
    """The state that no Graph has: how slowly it answers, hooks, the trap; and the doors to what it holds."""

    graph: Graph
    latency: Latency = field(default_factory=Latency)
    hooks: list[Hook] = field(default_factory=list)
    trap_url: str = ""
    trapped: int = 0
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer a request below `/__control/`."""
        target, _, query = path.partition("?")
        act = DOORS.get((method, target.removeprefix("/__control/")))
        if act is None:
            return Answer(404, {"error": f"no {method} {target} here"})
        problem = ""
        try:
            told = json.loads(body or b"{}")
            told = told if isinstance(told, dict) else {"rules": told}
            done: Any = act(self, {**dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair), **told})
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            problem = f"{type(error).__name__}: {error}"
        return Answer(400, {"error": problem}) if problem else Answer(200, done)

    def told_after(self) -> "asyncio.Task[None]":
        """Tell the hooks that a request has been answered, in a task of its own."""
        task = asyncio.get_running_loop().create_task(tell(self.hooks, "after"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def must_queue(self) -> bool:
        """Tell whether answering may take time: latency, faults or hooks."""
        return bool(self.latency.is_any or self.hooks or self.graph.faults.rules)


def _set_latency(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    seconds = {name: float(value) for name, value in told.items()}
    if not all(0 <= value < 3600 for value in seconds.values()):
        raise ValueError("latency is a number of seconds from 0 to 3600")
    control.latency = Latency(**seconds)
    return {"seconds": control.latency.seconds}


def _set_hook(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.hooks.append(Hook.read(told))
    return {"hooks": len(control.hooks)}


def _set_rules(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.graph.faults.set(told["rules"])
    return {"rules": len(control.graph.faults.rules)}


def _rules(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"match": rule.match, "action": rule.action, "met": rule.met, "applied": rule.applied}
        for rule in control.graph.faults.rules
    ]


def _reset(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.latency = Latency()
    control.hooks.clear()
    control.trapped = 0
    control.graph.reset()
    return {}


def _journal(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return list(control.graph.journal.entries)


def _truth(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Everybody of a business as he is now, with all his IDs; `start` and `count` cut a part out."""
    people = control.graph.world.people_of(control.graph.world.businesses[told["business"]].id)
    start = int(told.get("start", 0))
    part = islice(people, start, start + min(int(told.get("count", MOST_PEOPLE)), MOST_PEOPLE))
    return [{"name": person.name, "ids": person.ids} for person in part]


def _trap(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    return {"url": control.trap_url, "connections": control.trapped}


def _happening(act: Callable[[Graph, dict[str, Any]], Any]) -> Callable[[Control, dict[str, Any]], Any]:
    return lambda control, told: act(control.graph, told)


DOORS: dict[tuple[str, str], Callable[[Control, dict[str, Any]], Any]] = {
    ("POST", "latency"): _set_latency,
    ("POST", "hook"): _set_hook,
    ("POST", "rules"): _set_rules,
    ("GET", "rules"): _rules,
    ("POST", "reset"): _reset,
    ("GET", "journal"): _journal,
    ("GET", "truth"): _truth,
    ("GET", "trap"): _trap,
    **{("POST", name): _happening(act) for name, act in happenings.ALL.items()},
}
