"""What the sandbox can be told while it runs, and what it tells, below `/__control/`.

GET  state      everything that was told and holds now
GET  rules      the faults, and how often each was met and applied
GET  journal    every request, secrets hashed
GET  truth      who is who: {"business"?, "start"?, "count"?}, see `truth`
GET  assets     who owns which app or Page: {"business"?}
GET  switches   all switches
GET  trap       where nobody should ever come, and how many did
POST rules      [rule, ...] or {"rules": [...]}, see `faults`
POST latency    {"seconds"?, "spread"?, "per_item"?}
POST switches   {name: value, ...}, as on the command line
POST hook       see `hooks`
POST port       {"mode": "open" | "refuse" | "black hole" | "silence", "seconds"?}, see `port`
POST tls        {"cert"?, "key"?, "version"?}, see `secured`
POST callbacks  see `callbacks`
POST webhooks   see `webhooks`
POST reset      everything as at first
POST reviews, tokens, secrets, assets, people, edges, usage, login, clock, world    see `happenings`

A port that refuses or is silent is so to orders, too: `control_url` of the state is another that takes them always.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from lookups.sandbox.callbacks import webhooks
from lookups.sandbox.callbacks.hooks import Hook
from lookups.sandbox.callbacks.removals import Callback
from lookups.sandbox.control import happenings
from lookups.sandbox.control.door import Act, Control, SlowAct
from lookups.sandbox.faults.actions import is_number
from lookups.sandbox.graph import Graph
from lookups.sandbox.wire.latency import Latency
from lookups.sandbox.world import truth


def _set_latency(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.latency = Latency.read(told)
    return asdict(control.latency)


def _set_hook(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.hooks.append(Hook.read(told))
    return {"hooks": len(control.hooks)}


def _set_rules(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.graph.faults.set(told["rules"])
    return {"rules": len(control.graph.faults.rules)}


def _rules(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule.state for rule in control.graph.faults.rules]


def _set_switches(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    switches = control.graph.switches
    for name, value in told.items():
        text = ("off", "on")[value] if isinstance(value, bool) else value
        switches = switches.turned(f"{name}={text}")
    control.graph.turn(switches)
    return asdict(switches)


def _switches(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    return asdict(control.graph.switches)


def _state(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    graph = control.graph
    return {
        "now": graph.clock.now(),
        "ahead": graph.clock.ahead,
        "latency": asdict(control.latency),
        "rules": _rules(control, {}),
        "switches": asdict(graph.switches),
        "hooks": [{"when": one.when, "nth": one.nth, "met": one.met} for one in control.hooks],
        "reviews": {business: asdict(span) for business, span in graph.reviews.spans.items()},
        "refused_edges": sorted(graph.refused_edges),
        "port": control.port.mode if control.port else "open",
        "control_url": control.url,
        "trap": _trap(control, {}),
        "journal": len(graph.journal.entries),
    }


def _reset(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    control.latency = control.latency_at_first
    control.hooks.clear()
    control.trapped = 0
    control.graph.reset()
    return {}


def _journal(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return list(control.graph.journal.entries)


def _truth(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return truth.people(control.graph.world, control.graph.world.owners_at_first, told)


def _assets(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return truth.assets(control.graph.world, control.graph.world.owners_at_first, told)


def _trap(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    return {"url": control.trap_url, "connections": control.trapped}


def _happening(act: Callable[[Graph, dict[str, Any]], Any]) -> Act:
    return lambda control, told: act(control.graph, told)


async def _callbacks(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return await Callback.read(control.graph, told).send(control.graph.clock.now())


async def _webhooks(control: Control, told: dict[str, Any]) -> list[dict[str, Any]]:
    return await webhooks.send(control.graph, told)


async def _set_port(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    """Open or close the port; the connections that are open already end, too."""
    mode, seconds = told["mode"], told.get("seconds", 0)
    if not is_number(seconds):
        raise ValueError(f"seconds can't be {seconds!r}")
    if control.port is None:
        raise ValueError("this server has one port only")
    await control.port.turn(mode, seconds)
    if mode != "open":
        _cut_all(control)
    return {"mode": mode, "control_url": control.url}


async def _set_tls(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    """Show another certificate or speak another version; the connections that are open already end."""
    if control.tls is None:
        raise ValueError("this server speaks no TLS: start it with --tls-cert")
    turned = control.tls.turn(told)
    _cut_all(control)
    return turned


def _cut_all(control: Control) -> None:
    for cut in list(control.connections):
        cut()


async def _reset_all(control: Control, told: dict[str, Any]) -> dict[str, Any]:
    if control.port and control.port.mode != "open":
        await control.port.open()
    if control.tls:
        control.tls.turn({})
    return _reset(control, told)


ORDERS: dict[tuple[str, str], Act] = {
    ("GET", "state"): _state,
    ("POST", "latency"): _set_latency,
    ("POST", "hook"): _set_hook,
    ("POST", "rules"): _set_rules,
    ("GET", "rules"): _rules,
    ("POST", "switches"): _set_switches,
    ("GET", "switches"): _switches,
    ("GET", "journal"): _journal,
    ("GET", "truth"): _truth,
    ("GET", "assets"): _assets,
    ("GET", "trap"): _trap,
    **{("POST", name): _happening(act) for name, act in happenings.ALL.items()},
}
SLOW_ORDERS: dict[str, SlowAct] = {
    "callbacks": _callbacks,
    "webhooks": _webhooks,
    "port": _set_port,
    "tls": _set_tls,
    "reset": _reset_all,
}
