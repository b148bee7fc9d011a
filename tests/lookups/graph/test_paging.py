"""A page that can't be had costs none before it: reading goes on from there, and what was read is told in any case."""

import pytest

from lookups.graph import CallCredential, Edge, GraphClient, LinksQuestion, TokenRefused, TooManyCalls
from lookups.graph.errors import ServerTrouble, UnexpectedAnswer

PSID, PAGE = "3000", "2000"
APPS = [str(1000 + number) for number in range(5)]
WORLD = {
    "businesses": [{"id": "9", "name": "Manifold"}],
    "apps": [{"id": app, "name": f"App {app}", "business": "9"} for app in APPS],
    "pages": [{"id": PAGE, "name": "Bot", "business": "9", "managed_by": APPS[0]}],
    "people": [{"name": "Ada Many", "ids": {PAGE: PSID} | {app: f"4{app}" for app in APPS}}],
}
ALL = {(f"4{app}", app) for app in APPS}
TROUBLE = {"error": {"status": 500, "code": 2, "message": "(#2) Service temporarily unavailable"}}
LIMIT = {"error": {"status": 400, "code": 4, "message": "(#4) Application request limit reached"}}
DEAD_CURSOR = {"error": {"status": 400, "code": 100, "message": "(#100) The After Cursor specified is invalid"}}
DEAD_TOKEN = {"error": {"status": 400, "code": 190, "subcode": 463, "message": "Session has expired"}}


@pytest.fixture
def ask(sandbox, monkeypatch):
    """Asks about Ada, who has an ID in five apps, one row a page; `rules` are in force meanwhile."""
    monkeypatch.setattr("lookups.graph.page_by_page.FIRST_PAUSE", 0.01)
    business = sandbox.control("world", {"world": WORLD})["businesses"][0]
    page = next(one for one in business["pages"] if one["id"] == PAGE)
    app = next(one for one in business["apps"] if one["id"] == APPS[0])
    sandbox.control("switches", {"most_rows": 1})

    def once(*rules: dict, edges: tuple[Edge, ...] = tuple(Edge)):
        sandbox.control("rules", list(rules))
        credential = CallCredential(token=page["token"], app_secret=app["secret"])
        (reply,) = GraphClient(sandbox.url, "v26.0").ask([LinksQuestion(PSID, edges=edges)], credential)
        return reply

    return once


def on_page(number: int, action: dict, *, times: int = 1) -> dict:
    return {"match": {"edge": "ids_for_apps", "page": number, "item": True}, "action": action, "times": times}


def rows(reply, edge: Edge = Edge.APPS) -> list[tuple[str, str]]:
    return [(row.id, row.asset.id) for row in reply.edge(edge).rows]


def pages_asked(sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.journal() if entry["path"] != "/"]


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_page_that_fails_once_is_asked_again_and_no_other_is(ask, sandbox, number):
    reply = ask(on_page(number, TROUBLE))

    assert sorted(rows(reply)) == sorted(ALL)
    assert reply.complete
    assert len(pages_asked(sandbox)) == len(APPS) + 1


def test_an_item_without_an_answer_is_asked_again_too(ask):
    reply = ask(on_page(3, {"null": True}, times=2))

    assert (len(rows(reply)), reply.complete) == (5, True)


@pytest.mark.parametrize(("action", "error", "asked"), [
    (TROUBLE, ServerTrouble, 3), (LIMIT, TooManyCalls, 1), (DEAD_TOKEN, TokenRefused, 1),
])  # fmt: skip
def test_a_page_that_goes_on_failing_leaves_those_before_it(ask, sandbox, action, error, asked):
    reply = ask(on_page(3, action, times=99))

    assert len(rows(reply)) == 2
    assert isinstance(reply.broke_off, error)
    assert not reply.complete
    assert not reply.edge(Edge.APPS).is_whole
    assert reply.edge(Edge.PAGES).complete, "the other edge was read to its end"
    assert len(pages_asked(sandbox)) == 2 + asked


def test_a_cursor_that_graph_no_longer_takes_makes_the_reading_begin_anew_without_rows_twice(ask, sandbox):
    reply = ask(on_page(3, DEAD_CURSOR))

    assert sorted(rows(reply)) == sorted(ALL)
    assert reply.complete
    assert len(pages_asked(sandbox)) == 3 + 5


def test_but_only_once(ask):
    reply = ask(on_page(3, DEAD_CURSOR, times=99))

    assert isinstance(reply.broke_off, UnexpectedAnswer)
    assert len(rows(reply)) == 2


def test_a_lost_connection_between_two_pages_is_made_up_for(ask):
    lost = {"match": {"path": "^/$", "nth": 3, "item": False}, "action": {"cut": "body"}, "times": 1}

    assert sorted(rows(ask(lost, edges=(Edge.APPS,)))) == sorted(ALL)
