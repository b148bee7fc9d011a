"""What may happen in the sandbox's world in mid-run, each told by one JSON object.

reviews   {"business", "under_review": bool, "after"?: s, "until"?: s, "share"?: 0..1}    seconds from now
tokens    {"token_of": {"app"|"page"|"user"|"system": id}, "refuse": {"code", "subcode"?} | null}
          {"token_of": ..., "ends_in": seconds}                                           expires then
secrets   {"app": id}                                   the secret is reset: gives the new secret and token
assets    {"asset": id, "business": id}                 moved to another business
people    {"uninstall": {"asset", "id"}}                this ID vanishes
          {"move": {"asset", "id"}, "to": {"asset", "id"}}      this ID names the other person from now on
          {"merge": {"asset", "id"}, "into": {"asset", "id"}}   two people become one
edges     {"edge", "refuse": {"status", "code", "message"} | null}
usage     {"of": {"app"|"page": id}, "percent", "regain_minutes"?}
login     {"app", "asid"}                               gives the person's user token
clock     {"ahead": seconds}                            puts the clock forward
"""

from typing import Any

from lookups.sandbox.graph import Graph
from lookups.sandbox.person import Person
from lookups.sandbox.reviews import Span
from lookups.sandbox.tokens import app_secret, app_token, user_token
from lookups.sandbox.world import Asset


def review(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Begin or end a business's review, now or at a moment."""
    business, now = graph.world.businesses[told["business"]].id, graph.clock.now()
    if told["under_review"]:
        ends = now + float(told["until"]) if "until" in told else None
        graph.reviews.spans[business] = Span(now + float(told.get("after", 0)), ends, float(told.get("share", 1)))
    else:
        graph.reviews.spans.pop(business, None)
    return {"under_review": sorted(graph.reviews.spans)}


def token(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Refuse the token of an app or a Page, let it be valid again, or let it expire at a moment."""
    key, tokens = _token_key(graph, told["token_of"]), graph.tokens
    if "ends_in" in told:
        tokens.ends[key] = graph.clock.now() + float(told["ends_in"])
    elif refuse := told["refuse"]:
        tokens.refused[key] = (int(refuse["code"]), refuse.get("subcode"))
    else:
        tokens.refused.pop(key, None)
        tokens.ends.pop(key, None)
    return {"refused": sorted(f"{kind}:{name}" for kind, name in {*tokens.refused, *tokens.ends})}


def secret(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Reset an app's secret: its token dies, and so does every proof made with the old one."""
    app = graph.world.assets[told["app"]]
    graph.world.secret_turns[app.id] += 1
    graph.tokens.issue()
    return {"secret": app_secret(graph.world, app.id), "token": app_token(graph.world, app.id)}


def asset(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Move an app or a Page to another business."""
    graph.world.move_asset(told["asset"], told["business"])
    graph.tokens.issue()
    return {"business": told["business"]}


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
    """Tell of this much usage from now on."""
    told_of = graph.usage.told
    told_of[_asset(graph, told["of"]).id] = (int(told["percent"]), int(told.get("regain_minutes", 0)))
    return {"usage": {key: percent for key, (percent, _) in told_of.items()}}


def login(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """As if the person known to the app by this ASID had just logged in to it."""
    return {"access_token": user_token(graph.world, str(told["app"]), str(told["asid"]), graph.clock.now())}


def clock(graph: Graph, told: dict[str, Any]) -> dict[str, Any]:
    """Put the clock forward, or back to the real time with 0."""
    graph.clock.ahead = float(told["ahead"])
    return {"now": graph.clock.now()}


def _token_key(graph: Graph, told: dict[str, Any]) -> tuple[str, str]:
    """Name whose token it is: an app's, a Page's, a user's (by ASID), or that of a business's system user."""
    if "user" in told:
        return ("user", str(told["user"]))
    if "system" in told:
        business = graph.world.businesses[told["system"]].id
        return ("system", graph.world.assets_of(business, "app")[0].id)
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
}
