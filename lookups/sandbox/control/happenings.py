"""What may happen in the sandbox's world in mid-run, each told by one JSON object.

reviews   {"business", "under_review": bool, "after"?: s, "until"?: s, "share"?: 0..1}    seconds from now
tokens    {"token_of": {"app"|"page"|"user"|"system": id}, "refuse": {"code", "subcode"?} | null}
          {"token_of": ..., "because": "expired" | "password changed" | "app removed" | "role lost"
                                       | "permission removed"}                            refused for that
          {"token_of": ..., "ends_in": seconds}                                           expires then
          {"token_of": ..., "data_access_ends_in": seconds}                               reads nothing from then on
          {"token_of": ..., "scopes": [...]}                                              has these permissions only
secrets   {"app": id}                                   the secret is reset: gives the new secret and token
assets    {"asset": id, "business": id}                 moved to another business, or with "" to none
          {"asset": id, "clients": [business IDs]}      works for these, who do not own it
people    {"uninstall": {"asset", "id"}}                this ID vanishes
          {"move": {"asset", "id"}, "to": {"asset", "id"}}      this ID names the other person from now on
          {"merge": {"asset", "id"}, "into": {"asset", "id"}}   two people become one
edges     {"edge", "refuse": {"status", "code", "message"} | null}
usage     {"of": {"app"|"page": id}, "percent", "regain_minutes"?}    what headers tell
          {"of": ..., "users": n, "used"?: calls}       counts and limits calls by so many users (see usage.py)
login     {"app", "asid"}                               gives the person's user token
clock     {"ahead": seconds}                            puts the clock forward
world     {"seed", "people"?: n}                        another, varied world: gives what a client has of it
          {"world": as in a world file, "seed"?, "people"?}     one as told; a reset leads back to the first
"""

from typing import Any

from lookups.sandbox.control.describing import describe
from lookups.sandbox.faults.actions import is_number
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.reviews import Span
from lookups.sandbox.world.tokens import app_secret, app_token, first_app, user_token
from lookups.sandbox.world.varied_world import varied
from lookups.sandbox.world.world import Asset
from lookups.sandbox.world.world_files import read_world

LONGEST_SECONDS = 300 * 365 * 86400


def review(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Begin or end a business's review, now or at a moment."""
    business, now = graph.world.businesses[told["business"]].id, graph.clock.now()
    if told["under_review"]:
        ends = now + _seconds(told, "until") if "until" in told else None
        graph.reviews.spans[business] = Span(now + _seconds(told, "after", 0), ends, _seconds(told, "share", 1))
    else:
        graph.reviews.spans.pop(business, None)
    return {"under_review": sorted(graph.reviews.spans)}


def token(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Refuse somebody's token, let it be valid again, narrow it, or let it end at a moment."""
    return graph.tokens.states.change(_token_key(graph, told["token_of"]), told)


def secret(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Reset an app's secret: its token dies, and so does every proof made with the old one."""
    app = graph.world.assets[told["app"]]
    graph.world.secret_turns[app.id] += 1
    graph.tokens.issue()
    return {"secret": app_secret(graph.world, app.id), "token": app_token(graph.world, app.id)}


def asset(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Move an app or a Page to another business, or share it with some."""
    done = graph.world.change_asset(told["asset"], told)
    graph.tokens.issue()
    return done


def people(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Let an ID vanish, name somebody else, or two people become one."""
    changes = graph.world.changes
    if "uninstall" in told:
        changes.uninstall(_person(graph, told["uninstall"]), told["uninstall"]["asset"])
    elif "move" in told:
        changes.move(_person(graph, told["move"]), told["move"]["asset"], _person(graph, told["to"]))
    else:
        changes.merge(_person(graph, told["merge"]), _person(graph, told["into"]))
    return {}


def edge(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Refuse an edge whoever asks, or answer it again."""
    refuse = told["refuse"]
    if refuse:
        graph.refused_edges[told["edge"]] = (int(refuse["status"]), int(refuse["code"]), str(refuse["message"]))
    else:
        graph.refused_edges.pop(told["edge"], None)
    return {"refused": sorted(graph.refused_edges)}


def usage(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Tell of this much usage from now on, or count and limit calls."""
    return graph.usage.change(_asset(graph, told["of"]), told)


def login(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """As if the person known to the app by this ASID had just logged in to it."""
    return {"access_token": user_token(graph.world, str(told["app"]), str(told["asid"]), graph.clock.now())}


def clock(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Put the clock forward, or back to the real time with 0."""
    graph.clock.ahead = _seconds(told, "ahead")
    return {"now": graph.clock.now()}


def _seconds(told: dict[str, Any], name: str, default: float | None = None) -> float:
    """Give a number; raises ValueError for what is no moment, as an endless or a negative one."""
    value = told[name] if default is None else told.get(name, default)
    if not is_number(value, below=LONGEST_SECONDS):
        raise ValueError(f"{name} can't be {value!r}")
    return float(value)


def world(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Put another world in place of this one; everything else is as after a reset."""
    seed = str(told["seed"] if "world" not in told else told.get("seed", "idlink"))
    made = read_world(told.get("world") or varied(seed), people=int(told.get("people", 0)), seed=seed)
    described = describe(made)
    try:
        graph.enter(made)
    except ValueError:  # something could not have happened there
        graph.reset()
        raise
    return described


def _token_key(graph: Graph, told: dict[str, Any]) -> tuple[str, str]:
    """Name whose token it is: an app's, a Page's, a user's (by ASID), or that of a business's system user."""
    if "user" in told:
        return ("user", str(told["user"]))
    if "system" in told:
        business = graph.world.businesses[told["system"]].id
        return ("system", first_app(graph.world, business))
    asset = _asset(graph, told)
    return (asset.kind, asset.id)


def _asset(graph: Graph, told: dict[str, Any]) -> Asset:
    return graph.world.assets[told.get("app") or told["page"]]


def _person(graph: Graph, told: dict[str, Any]) -> Person:
    person = graph.world.person_of(told["asset"], told["id"])
    if person is None or told["asset"] not in person.ids:
        raise KeyError(f"{told['asset']} knows nobody as {told['id']}")
    return person


ALL = {
    "reviews": review,
    "tokens": token,
    "secrets": secret,
    "assets": asset,
    "people": people,
    "edges": edge,
    "usage": usage,
    "login": login,
    "clock": clock,
    "world": world,
}
