"""Faults on demand, seen from the wire; and idlink's client bears each of them."""

import pytest

from lookups.graph import (
    Credential,
    GraphClient,
    GraphError,
    LinksAnswer,
    LinksQuestion,
    NotPermitted,
    ServerTrouble,
    TokenRefused,
    TooManyCalls,
    UnderPolicyReview,
    UnexpectedAnswer,
    UnknownID,
    Unreachable,
)
from tests.contract.wire import PSID, Caller, send

REVIEW = "(#200) Your business is currently going through review to access this API."


@pytest.fixture
def ask(sandbox):
    """Ask about John once, with these rules in force."""
    page = sandbox.asset("John's Next Great Thing")
    client = GraphClient(sandbox.url, "v26.0", connect_timeout=2, read_timeout=1, deadline=1.5)

    def once(*rules: dict):
        if rules:
            sandbox.control("rules", list(rules))
        try:
            return client.ask([LinksQuestion(PSID)], Credential(token=page["token"], app_secret=page["secret"]))[0]
        except GraphError as error:
            return error

    return once


def item(action: dict, **match) -> dict:
    return {"match": {"item": True, **match}, "action": action}


def whole(action: dict, **match) -> dict:
    return {"match": {"item": False, **match}, "action": action}


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (1, 500, ServerTrouble), (2, 503, ServerTrouble), (4, 400, TooManyCalls), (10, 403, NotPermitted),
        (17, 400, TooManyCalls), (32, 400, TooManyCalls), (190, 400, TokenRefused), (200, 403, NotPermitted),
        (341, 400, TooManyCalls), (613, 400, TooManyCalls), (803, 404, UnknownID), (80001, 400, TooManyCalls),
        (80006, 400, TooManyCalls), (424242, 400, UnexpectedAnswer),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", [item, whole])
def test_each_error_of_graph_can_be_made_and_is_known(ask, code, status, kind, where):
    reply = ask(where({"error": {"code": code, "status": status}}))

    assert type(reply) is kind
    assert (reply.code, reply.http_status) == (code, status)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ({"answer": {"status": 502, "body": "<html>", "content_type": "text/html"}}, ServerTrouble),
        ({"answer": {"status": 200, "body": "<html>", "content_type": "text/html"}}, UnexpectedAnswer),
        ({"answer": {"status": 200, "body": ""}}, UnexpectedAnswer),
        ({"answer": {"status": 200, "body": '[{"code": 200, "bo'}}, UnexpectedAnswer),
        ({"cut": "before"}, Unreachable),
        ({"cut": "headers"}, Unreachable),
        ({"cut": "body"}, Unreachable),
        ({"drip": 0.05}, Unreachable),
        ({"error": {"code": 200, "status": 403, "message": REVIEW}}, UnderPolicyReview),
    ],
    ids=str,
)
def test_each_fault_of_the_wire_can_be_made_and_is_borne(ask, action, kind):
    assert type(ask(whole(action))) is kind


def test_null_and_broken_items_of_a_batch_can_be_made(ask):
    assert type(ask(item({"null": True}))) is ServerTrouble
    assert type(ask(item({"answer": {"status": 200, "body": "<html>"}}))) is UnexpectedAnswer


def test_text_javascript_is_taken_as_graph_really_sends_it(ask):
    assert isinstance(ask(whole({"headers": {"Content-Type": "text/javascript; charset=UTF-8"}})), LinksAnswer)


def test_a_rule_may_hold_for_some_times_for_the_nth_or_for_one_token(ask, sandbox):
    trouble = {"error": {"code": 2, "status": 500}}
    sandbox.control("rules", [{**item(trouble), "times": 1}])
    assert [type(ask()) for _ in range(2)] == [ServerTrouble, LinksAnswer]

    sandbox.control("rules", [item(trouble, nth=2)])
    assert [type(ask()) for _ in range(3)] == [LinksAnswer, ServerTrouble, LinksAnswer]

    assert isinstance(ask(item(trouble, token_of=sandbox.asset("JohnsMovieApp")["id"])), LinksAnswer)
    assert isinstance(ask(item(trouble, path="/424242")), LinksAnswer)


def test_the_same_seed_gives_the_same_faults(sandbox):
    def story() -> list[int]:
        sandbox.control("rules", [item({"error": {"code": 2, "status": 500}}, share=0.5)])
        told = Caller(sandbox, "John's Next Great Thing").batch(*[f"{PSID}?fields=name"] * 30).body
        return [answer["code"] for answer in told]

    first = story()

    assert set(first) == {200, 500}
    assert story() == first


def test_delay_holds_back_the_requests_it_is_meant_for(ask):
    assert isinstance(ask(whole({"delay": 3})), Unreachable)


@pytest.mark.parametrize(
    "rule", [{}, {"action": {}}, {"action": {"x": 1}}, {"action": {"null": True}, "match": {"y": 1}}, 7]
)
def test_what_is_no_rule_is_refused_and_changes_nothing(sandbox, rule):
    assert send(sandbox, "POST", "/__control/rules", json_body=[rule]).status == 400
    assert send(sandbox, "GET", "/__control/rules").body == []
