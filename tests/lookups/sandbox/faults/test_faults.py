"""Faults on demand, seen from the wire; and idlink's client bears each of them."""

import pytest

from lookups.graph import (
    CallCredential,
    Edge,
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
from tests.contract.wire import ASID, PSID, Caller, send

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
            return client.ask([LinksQuestion(PSID)], CallCredential(token=page["token"], app_secret=page["secret"]))[0]
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
        ({"cut": "short"}, Unreachable),
        ({"drip": 0.05}, Unreachable),
        ({"headers": {}, "coding": "broken gzip"}, UnexpectedAnswer),
        ({"headers": {}, "coding": "bomb"}, UnexpectedAnswer),
        ({"items": "fewer"}, ServerTrouble),
        ({"items": "more"}, UnexpectedAnswer),
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


def test_gzip_a_byte_order_mark_and_a_charset_that_lies_are_read(ask):
    assert isinstance(ask(whole({"charset": "utf-16"})), LinksAnswer)
    assert isinstance(ask(whole({"coding": "gzip"})), LinksAnswer)
    assert isinstance(ask(whole({"charset": "utf-8-sig"})), LinksAnswer)


def test_a_connection_closed_without_a_word_is_opened_anew(ask):
    assert [type(one) for one in (ask(whole({"hang_up": True})), ask(), ask())] == [LinksAnswer] * 3


def test_rows_may_come_twice_or_contradict_an_earlier_answer(ask):
    true = ask()
    assert [row.id for row in ask(item({"rows": "duplicate"})).edge(Edge.APPS).rows] == [
        row.id for row in true.edge(Edge.APPS).rows for _ in (1, 2)
    ]
    other = ask(item({"rows": "contradict"}))
    assert {row.asset.id for row in other.edge(Edge.APPS).rows} == {row.asset.id for row in true.edge(Edge.APPS).rows}
    assert not {row.id for row in other.edge(Edge.APPS).rows} & {row.id for row in true.edge(Edge.APPS).rows}


def test_an_empty_page_in_the_middle_does_not_end_the_reading(ask, sandbox):
    true = ask()

    assert ask(item({"paging": "empty"})).edge(Edge.APPS).rows == true.edge(Edge.APPS).rows
    assert [one for one in sandbox.journal() if one["path"].endswith("/ids_for_apps")]


def test_pages_without_end_are_given_up(ask):
    assert "go round in a circle" in str(ask(item({"paging": "loop"})))
    assert "but not where" in str(ask(item({"paging": "no cursors"})))


def test_next_that_leads_elsewhere_is_never_followed(ask, sandbox):
    trap = sandbox.read("trap")["url"]

    reply = ask(item({"next": f"{trap}v26.0/1/ids_for_apps?access_token=x"}))

    assert isinstance(reply, LinksAnswer | UnexpectedAnswer)
    assert sandbox.read("trap")["connections"] == 0


def test_answers_in_another_order_are_not_taken_for_each_others(sandbox):
    page = sandbox.asset("John's Next Great Thing")
    credential = CallCredential(token=page["token"], app_secret=page["secret"])
    client = GraphClient(sandbox.url, "v26.0")
    sandbox.control("rules", [whole({"items": "reversed"})])

    replies = client.ask([LinksQuestion(PSID), LinksQuestion("77001234567")], credential)

    assert [type(reply) for reply in replies] == [UnexpectedAnswer] * 2


def test_the_journal_tells_which_fault_met_a_request_and_how_much_was_sent(ask, sandbox):
    ask(item({"rows": "duplicate"}))

    met, whole_answer = sandbox.journal()
    assert (met["action"], whole_answer["action"]) == (["rows"], [])
    assert 0 < met["bytes"] < whole_answer["bytes"]


def test_no_secret_stands_in_the_journal_whatever_its_name(sandbox):
    page = Caller(sandbox, "John's Next Great Thing")
    page.get(PSID, zz=page.token, yy=page.secret)
    send(sandbox, "GET", PSID, headers={"Authorization": f"Bearer {page.token}"})

    told = sandbox.journal()
    assert page.token not in str(told)
    assert page.secret not in str(told)
    assert told[0]["token"] == told[1]["token"] != ""


def test_then_holds_when_the_times_are_used_up(ask, sandbox):
    trouble = {"error": {"code": 2, "status": 500}}
    sandbox.control("rules", [{**item(trouble), "times": 1, "then": {"error": {"code": 10, "status": 403}}}])

    assert [type(ask()) for _ in range(3)] == [ServerTrouble, NotPermitted, NotPermitted]


@pytest.mark.parametrize(
    ("match", "meets"),
    [
        ({"business": "112233445566778"}, True), ({"business": "1"}, False), ({"node": PSID}, True),
        ({"node": "1"}, False), ({"index": 0}, True), ({"index": 1}, False), ({"page": 1}, True), ({"page": 2}, False),
        ({"use_case": 1}, True), ({"use_case": [3, 4]}, True), ({"use_case": 2}, False), ({"page": [2, 3]}, False),
        ({"edge": "ids_for_pages"}, True), ({"edge": "ids_for_business"}, False), ({"item": [True, False]}, True),
    ],
)  # fmt: skip
def test_a_rule_may_look_at_many_things(ask, match, meets):
    assert (type(ask(item({"error": {"code": 2, "status": 500}}, **match))) is ServerTrouble) == meets


@pytest.mark.parametrize(
    ("name", "path", "use_case"),
    [
        ("John's Next Great Thing", f"{PSID}/ids_for_apps", 1), ("JohnsMovieApp", f"{ASID}/ids_for_pages", 2),
        ("JohnsMovieApp", f"{ASID}/ids_for_apps", 3), ("John's Next Great Thing", f"{PSID}/ids_for_pages", 4),
    ],
)  # fmt: skip
def test_a_rule_may_be_about_a_use_case(sandbox, name, path, use_case):
    sandbox.control("rules", [whole({"error": {"code": 2, "status": 500}}, use_case=use_case)])

    assert Caller(sandbox, name).get(path).status == 500
    sandbox.control("rules", [whole({"error": {"code": 2, "status": 500}}, use_case=use_case % 4 + 1)])
    assert Caller(sandbox, name).get(path).status == 200


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
    "rule",
    [
        {"action": {"error": {}}},
        {"action": {"error": {"code": "abc"}}},
        {"action": {"answer": "x"}},
        {"action": {"answer": {"status": 500}}},
        {"action": {"cut": "zz"}},
        {"action": {"drip": "x"}},
        {"action": {"rows": "zz"}},
        {"action": {"paging": "zz"}},
        {"action": {"items": "zz"}},
        {"action": {"delay": -1}},
        {"action": {"headers": ["a"]}},
        {"match": {"item": True}, "action": {"cut": "body"}},
        {"match": {"share": "x"}, "action": {"null": True}},
        {"match": {"nth": ["1"]}, "action": {"null": True}},
        {"match": {"nth": 0}, "action": {"null": True}},
        {"match": {"page": 0}, "action": {"null": True}},
        {"match": {"share": 1.5}, "action": {"null": True}},
        {"match": {"share": [0.1, 0.2]}, "action": {"null": True}},
        {"match": {"use_case": 5}, "action": {"null": True}},
        {"match": {"token": 7}, "action": {"null": True}},
        {"match": {"node": []}, "action": {"null": True}},
        {"action": {"null": True}, "times": -1},
        {"action": {"null": True}, "then": {"cut": "zz"}},
        {"action": {"delay": float("nan")}},
        {"action": {"delay": float("inf")}},
        {"action": {"error": {"code": 1, "type": 7}}},
        {"action": {"error": {"code": 1, "status": 7}}},
        {"action": {"edge_error": {}}},
        {"action": {"silence": False}},
        {"action": {"rows": "duplicate", "null": True}},
        {"match": {"item": True}, "action": {"silence": True}},
        {"action": {"charset": "x"}},
        {"action": {"null": True}, "match": {"path": "("}},
        {},
        {"action": {}},
        {"action": {"x": 1}},
        {"action": {"null": True}, "match": {"y": 1}},
        7,
    ],
)
def test_what_is_no_rule_is_refused_and_changes_nothing(sandbox, rule):
    assert send(sandbox, "POST", "/__control/rules", json_body=[rule]).status == 400
    assert send(sandbox, "GET", "/__control/rules").body == []
