"""What a rule may look at, and rules that make no sense."""

import pytest

from lookups.graph import (
    LinksAnswer,
    NotPermitted,
    ServerTrouble,
)
from tests.contract.wire import ASID, PSID, Caller, send
from tests.lookups.sandbox.fault_rules import item, whole


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
