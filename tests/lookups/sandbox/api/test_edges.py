"""The table of edges: all that the sandbox knows of an edge stands there."""

from dataclasses import fields

import pytest

from lookups.sandbox.api.edges import ALWAYS, EDGES, Asking, Edge
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.control.describing import describe
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.default_world import default_world
from tests.contract.wire import ASID, GAME_ASID, PSID, proof_of


@pytest.fixture
def graph():
    return Graph(default_world())


@pytest.fixture
def john(graph):
    """The app and the Page of the guide's example, as a client has them."""
    business = describe(graph.world)["businesses"][0]
    return {"app": business["apps"][0], "page": business["pages"][0]}


def get(graph: Graph, path: str, token: str, secret: str = "") -> tuple[int, dict]:
    proof = f"&appsecret_proof={proof_of(token, secret)}" if secret else ""
    answer = graph.answer_http("GET", f"/v26.0/{path}&access_token={token}{proof}", {}, b"")
    return answer.status, answer.body


def test_an_edge_added_to_the_table_is_answered_refused_and_spoilt_like_the_others(graph, john, monkeypatch):
    app, page = john["app"], john["page"]
    monkeypatch.setitem(EDGES, "ids_for_trial", Edge("ids_for_trial", "app", {"app": Asking(0, ALWAYS)}))

    assert get(graph, f"{ASID}/ids_for_trial?", app["token"])[0] == 400, "no proof"
    status, body = get(graph, f"{ASID}/ids_for_trial?", app["token"], app["secret"])
    assert (status, [row["id"] for row in body["data"]]) == (200, [GAME_ASID, ASID])
    _, body = get(graph, f"{ASID}?fields=ids_for_trial.app({app['id']})", app["token"], app["secret"])
    assert [row["id"] for row in body["ids_for_trial"]["data"]] == [ASID]
    assert get(graph, f"{PSID}/ids_for_trial?", page["token"], app["secret"])[0] == 400, "not asked of PSIDs"

    graph.faults.replace([{"match": {"edge": "ids_for_trial"}, "action": {"rows": "fewer"}}])
    assert len(get(graph, f"{ASID}/ids_for_trial?", app["token"], app["secret"])[1]["data"]) == 1
    assert len(get(graph, f"{ASID}/ids_for_apps?", app["token"], app["secret"])[1]["data"]) == 2


def test_ids_for_business_is_asked_of_asids_only(page):
    reply = page.get(f"{PSID}/ids_for_business")

    assert reply.status == 400
    assert "nonexisting field (ids_for_business) on node type (User)" in reply.error["message"]
    assert page.get(PSID, fields="ids_for_business").error["code"] == 100


def test_every_rule_on_proofs_is_a_switch_or_holds_always():
    known = {ALWAYS, *(one.name for one in fields(Switches))}

    for edge in EDGES.values():
        for asking in edge.asked_of.values():
            assert {asking.proof_rule(is_field=False), asking.proof_rule(is_field=True)} <= known


def test_the_guides_four_use_cases_stand_in_the_table():
    cases = [
        (asking.use_case, kind, edge.path)
        for edge in EDGES.values()
        for kind, asking in edge.asked_of.items()
        if asking.use_case
    ]

    assert sorted(cases) == [
        (1, "page", "ids_for_apps"),
        (2, "app", "ids_for_pages"),
        (3, "app", "ids_for_apps"),
        (4, "page", "ids_for_pages"),
    ]
