"""Every action of a fault, seen from the wire; and idlink's client bears each of them."""

import pytest

from lookups.graph import (
    CallCredential,
    Edge,
    GraphClient,
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
from tests.contract.wire import PSID
from tests.lookups.sandbox.fault_rules import item, whole

REVIEW = "(#200) Your business is currently going through review to access this API."


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
    assert "go round in a circle" in str(ask(item({"paging": "loop"})).broke_off)
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


def test_delay_holds_back_the_requests_it_is_meant_for(ask):
    assert isinstance(ask(whole({"delay": 3})), Unreachable)
