"""All orders that the running sandbox takes below `/__control/`, and what it answers to them.

GET  state      what was ordered and is in force now
GET  rules      the faults, and how often each was met and applied
GET  journal    every request, secrets hashed
GET  truth      who is who: {"business"?, "start"?, "count"?}, see `world.truth`
GET  assets     who owns which app or Page: {"business"?}
GET  switches   all switches
GET  trap       an address that nobody should ever come to, and how many did
POST rules      [rule, ...] or {"rules": [...]}, see `faults.rules`
POST latency    {"seconds"?, "spread"?, "per_item"?}
POST switches   {name: value, ...}, as on the command line
POST hook       see `request_hooks`
POST port       {"mode": "open" | "refuse" | "black hole" | "silence", "seconds"?}, see `wire.port`
POST tls        {"cert"?, "key"?, "version"?}, see `wire.secured`
POST callbacks  see `signed_requests`
POST webhooks   see `webhooks`
POST reset      everything as at first
POST reviews, tokens, secrets, assets, people, edges, usage, login, clock, world    see `events`

A port that refuses or is silent takes no orders either. The port of `control_url`, which `state` shows, always does.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from lookups.sandbox.callbacks.request_hooks import Hook
from lookups.sandbox.callbacks.signed_requests import CallbackOrder
from lookups.sandbox.callbacks.webhooks import send_webhooks
from lookups.sandbox.control.endpoint import Act, Control, SlowAct
from lookups.sandbox.control.events import EVENTS
from lookups.sandbox.faults.actions import is_number
from lookups.sandbox.graph import Graph
from lookups.sandbox.wire.latency import Latency
from lookups.sandbox.world.truth import true_assets, true_people


def _set_latency(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    control.latency = Latency.read(order)
    return asdict(control.latency)


def _set_hook(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    control.hooks.append(Hook.read(order))
    return {"hooks": len(control.hooks)}


def _set_rules(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    control.graph.faults.replace(order["rules"])
    return {"rules": len(control.graph.faults.rules)}


def _rules(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule.state for rule in control.graph.faults.rules]


def _set_switches(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    switches = control.graph.switches
    for name, value in order.items():
        text = ("off", "on")[value] if isinstance(value, bool) else value
        switches = switches.turned(f"{name}={text}")
    control.graph.turn(switches)
    return asdict(switches)


def _switches(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    return asdict(control.graph.switches)


def _state(control: Control, order: dict[str, Any]) -> dict[str, Any]:
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


def _reset(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    control.latency = control.latency_at_first
    control.hooks.clear()
    control.trapped = 0
    control.graph.reset()
    return {}


def _journal(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return list(control.graph.journal.entries)


def _truth(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return true_people(control.graph.world, order)


def _assets(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return true_assets(control.graph.world, order)


def _trap(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    return {"url": control.trap_url, "connections": control.trapped}


def _event(act: Callable[[Graph, dict[str, Any]], Any]) -> Act:
    return lambda control, order: act(control.graph, order)


async def _callbacks(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return await CallbackOrder.read(control.graph, order).send(control.graph.clock.now())


async def _webhooks(control: Control, order: dict[str, Any]) -> list[dict[str, Any]]:
    return await send_webhooks(control.graph, order)


async def _set_port(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    """Open or close the port. Closing it ends the open connections, too."""
    mode, seconds = order["mode"], order.get("seconds", 0)
    if not is_number(seconds):
        raise ValueError(f"seconds can't be {seconds!r}")
    if control.port is None:
        raise ValueError("this server has one port only")
    await control.port.turn(mode, seconds)
    if mode != "open":
        _cut_all(control)
    return {"mode": mode, "control_url": control.url}


async def _set_tls(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    """Show another certificate or speak another version. This ends the open connections."""
    if control.tls is None:
        raise ValueError("this server speaks no TLS: start it with --tls-cert")
    turned = control.tls.turn(order)
    _cut_all(control)
    return turned


def _cut_all(control: Control) -> None:
    for cut in list(control.connections):
        cut()


async def _reset_all(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    if control.port and control.port.mode != "open":
        await control.port.open()
    if control.tls:
        control.tls.turn({})
    return _reset(control, order)


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
    **{("POST", name): _event(act) for name, act in EVENTS.items()},
}
SLOW_ORDERS: dict[str, SlowAct] = {
    "callbacks": _callbacks,
    "webhooks": _webhooks,
    "port": _set_port,
    "tls": _set_tls,
    "reset": _reset_all,
}
