"""Events in the sandbox's world that a test may order in mid-run, each by one JSON object.

reviews   {"business", "under_review": bool, "after"?: s, "until"?: s, "share"?: 0..1}    seconds from now
tokens    {"token_of": {"app"|"page"|"user"|"system": id}, "refuse": {"code", "subcode"?} | null}
          {"token_of": ..., "because": "expired" | "password changed" | "app removed" | "role lost"
                                       | "permission removed"}                            refused for that cause
          {"token_of": ..., "ends_in": seconds}                                           expires then
          {"token_of": ..., "data_access_ends_in": seconds}                               reads nothing from then on
          {"token_of": ..., "scopes": [...]}                                              has these permissions only
secrets   {"app": id}                                   the secret is reset: gives the new secret and token
assets    {"asset": id, "business": id}                 moved to another business, or with "" to none
          {"asset": id, "clients": [business IDs]}      works for these, who do not own it
people    {"uninstall": {"asset", "id"}}                this ID vanishes
          {"move": {"asset", "id"}, "to": {"asset", "id"}}      this ID names the other person from now on
          {"merge": {"asset", "id"}, "into": {"asset", "id"}}   two people become one
edges     {"edge", "refuse": {"status", "code", "message"} | null}           refused to everybody, or answered again
usage     {"of": {"app"|"page": id}, "percent", "regain_minutes"?}    what headers say
          {"of": ..., "users": n, "used"?: calls}       counts and limits calls by so many users (see `world.usage`)
login     {"app", "asid"}                               gives the person's user token
clock     {"ahead": seconds}                            puts the clock forward
world     {"seed", "people"?: n}                        a varied world in place of this one; gives its description
          {"world": as in a world file, "seed"?, "people"?}     this world; a reset leads back to the first
"""

from typing import Any

from lookups.sandbox.control.describing import describe
from lookups.sandbox.faults.actions import is_number
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.reviews import ReviewSpan
from lookups.sandbox.world.tokens import app_secret, app_token, first_app, user_token
from lookups.sandbox.world.varied_world import varied
from lookups.sandbox.world.world_files import read_world

_LONGEST = 300 * 365 * 86400


def _review(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Begin or end a business's review, now or at a moment."""
    business, now = graph.world.businesses[order["business"]].id, graph.clock.now()
    if order["under_review"]:
        ends = now + _seconds(order, "until") if "until" in order else None
        graph.reviews.spans[business] = ReviewSpan(now + _seconds(order, "after", 0), ends, _seconds(order, "share", 1))
    else:
        graph.reviews.spans.pop(business, None)
    return {"under_review": sorted(graph.reviews.spans)}


def _token(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Refuse somebody's token, make it valid again, take permissions away, or let it end at a moment."""
    return graph.tokens.states.change(_token_key(graph, order["token_of"]), order)


def _secret(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Reset an app's secret: its token and every proof made with the old secret become invalid."""
    app = graph.world.assets[order["app"]]
    graph.world.secret_turns[app.id] += 1
    graph.tokens.issue()
    return {"secret": app_secret(graph.world, app.id), "token": app_token(graph.world, app.id)}


def _change_asset(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Move an app or a Page to another business, or share it with some."""
    done = graph.world.change_asset(order["asset"], order)
    graph.tokens.issue()
    return done


def _people(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Let an ID vanish or name somebody else, or let two people become one."""
    changes = graph.world.changes
    if "uninstall" in order:
        changes.uninstall(_person(graph, order["uninstall"]), order["uninstall"]["asset"])
    elif "move" in order:
        changes.move(_person(graph, order["move"]), order["move"]["asset"], _person(graph, order["to"]))
    else:
        changes.merge(_person(graph, order["merge"]), _person(graph, order["into"]))
    return {}


def _edge(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Refuse an edge to everybody, or answer it again."""
    refuse = order["refuse"]
    if refuse:
        graph.refused_edges[order["edge"]] = (int(refuse["status"]), int(refuse["code"]), str(refuse["message"]))
    else:
        graph.refused_edges.pop(order["edge"], None)
    return {"refused": sorted(graph.refused_edges)}


def _usage(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Say so much usage in headers from now on, or count and limit calls."""
    return graph.usage.change(_asset(graph, order["of"]), order)


def _login(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Let the person with this ASID log in to the app now."""
    return {"access_token": user_token(graph.world, str(order["app"]), str(order["asid"]), graph.clock.now())}


def _clock(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Put the clock forward, or back to the real time with 0."""
    graph.clock.ahead = _seconds(order, "ahead")
    return {"now": graph.clock.now()}


def _seconds(order: dict[str, Any], name: str, default: float | None = None) -> float:
    """Give the number of this name; raises ValueError for one that is no number of seconds."""
    value = order[name] if default is None else order.get(name, default)
    if not is_number(value, below=_LONGEST):
        raise ValueError(f"{name} can't be {value!r}")
    return float(value)


def _world(graph: Graph, order: dict[str, Any]) -> dict[str, Any]:
    """Put another world in place of this one. Everything else is as after a reset."""
    seed = str(order["seed"] if "world" not in order else order.get("seed", "idlink"))
    made = read_world(order.get("world") or varied(seed), people=int(order.get("people", 0)), seed=seed)
    described = describe(made)
    try:
        graph.enter(made)
    except ValueError:  # one of its initial events is impossible
        graph.reset()
        raise
    return described


def _token_key(graph: Graph, order: dict[str, Any]) -> tuple[str, str]:
    """Give the key of a token: an app's, a Page's, a user's (by ASID), or that of a business's system user."""
    if "user" in order:
        return ("user", str(order["user"]))
    if "system" in order:
        business = graph.world.businesses[order["system"]].id
        return ("system", first_app(graph.world, business))
    asset = _asset(graph, order)
    return (asset.kind, asset.id)


def _asset(graph: Graph, order: dict[str, Any]) -> Asset:
    return graph.world.assets[order.get("app") or order["page"]]


def _person(graph: Graph, order: dict[str, Any]) -> Person:
    person = graph.world.person_of(order["asset"], order["id"])
    if person is None or order["asset"] not in person.ids:
        raise KeyError(f"{order['asset']} knows nobody as {order['id']}")
    return person


EVENTS = {
    "reviews": _review,
    "tokens": _token,
    "secrets": _secret,
    "assets": _change_asset,
    "people": _people,
    "edges": _edge,
    "usage": _usage,
    "login": _login,
    "clock": _clock,
    "world": _world,
}
