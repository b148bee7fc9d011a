"""Which requests a rule is about: by token, page, edge, use case, node and chance; in batches, `ids=` and two edges."""

import http.client
import time
import urllib.parse

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PSID, Caller, Reply, send

BOTH = "ids_for_apps,ids_for_pages"
JOHN, OMAR = "12345123", "77001234567"
TROUBLE = {"error": {"code": 2, "status": 500}}


@pytest.fixture
def rules(sandbox):
    """Puts rules in force in place of all others."""
    return lambda *told: sandbox.control("rules", list(told))


def pages_of(sandbox, path: str, **params: object) -> list[Reply]:
    """Read a list to its end by its cursors, whatever the statuses."""
    replies = []
    while True:
        replies.append(send(sandbox, "GET", path, query=params))
        paging = (replies[-1].body or {}).get("paging", {})
        if "next" not in paging:
            return replies
        params |= {"after": paging["cursors"]["after"]}


@pytest.mark.parametrize(("number", "broken"), [(1, 0), (2, 1), (3, 2)])
def test_each_page_of_a_list_has_its_own_number(sandbox, rules, number, broken):
    business = sandbox.world["businesses"][0]
    rules({"match": {"page": number}, "action": {"headers": {"X-Met": "yes"}}})

    replies = pages_of(sandbox, f"{business['id']}/owned_apps", access_token=business["system_token"], limit=1)

    assert ["x-met" in reply.headers for reply in replies] == [place == broken for place in range(3)]


def test_the_page_before_has_the_number_it_had(sandbox, rules):
    business = sandbox.world["businesses"][0]
    question = {"access_token": business["system_token"], "limit": 1}
    third = pages_of(sandbox, f"{business['id']}/owned_apps", **question)[2]
    rules({"match": {"page": 2}, "action": TROUBLE})
    before = third.body["paging"]["cursors"]["before"]

    assert send(sandbox, "GET", f"{business['id']}/owned_apps", query={**question, "before": before}).status == 500


def test_pages_of_edges_among_the_fields_are_counted_too(sandbox, page, rules):
    first = page.get(PSID, fields="ids_for_apps.limit(1)")
    after = first.body["ids_for_apps"]["paging"]["cursors"]["after"]
    rules({"match": {"page": 2}, "action": TROUBLE})

    assert page.get(PSID, fields="ids_for_apps.limit(1)").status == 200
    assert page.get(PSID, fields=f"ids_for_apps.limit(1).after({after})").status == 500


def test_a_token_is_named_as_the_journal_shows_it(sandbox, page, rules):
    page.get(PSID)
    rules({"match": {"token": sandbox.journal()[0]["token"]}, "action": TROUBLE})

    assert page.get(PSID).status == 500
    assert Caller(sandbox, "JohnsMovieApp").get(ASID).status == 200


def test_several_values_may_fit(page, rules):
    rules({"match": {"item": True, "index": [0, 2]}, "action": TROUBLE})

    assert [item["code"] for item in page.batch(*[PSID] * 4).body] == [500, 200, 500, 200]


def story(page: Caller) -> list[int]:
    return [item["code"] for item in page.batch(*[PSID] * 40).body]


def test_each_rule_draws_by_its_own_seed(page, rules):
    def drawn(*told: dict) -> list[int]:
        rules(*told)
        return story(page)

    one = {"match": {"item": True, "probability": 0.5, "seed": "one"}, "action": TROUBLE}
    two = {"match": {"item": True, "probability": 0.5, "seed": "two"}, "action": TROUBLE}
    other = {"match": {"item": True, "probability": 0.5}, "action": {"headers": {"X": "y"}}}

    assert drawn(one) == drawn(one) != drawn(two)
    assert drawn(one) == drawn({**other, "match": {"node": "1", "probability": 0.5}}, one)
    assert set(drawn(one)) == {200, 500}


def test_a_batch_waits_for_its_slowest_item(page, rules):
    rules(*({"match": {"item": True, "index": index}, "action": {"delay": index / 10}} for index in (3, 4)))
    began = time.monotonic()

    assert story(page) == [200] * 40
    assert 0.4 <= time.monotonic() - began < 0.7


def test_an_error_tells_all_that_graphs_errors_may_tell(page, rules):
    told = {
        "type": "GraphMethodException", "error_data": {"blame": ["app"]}, "error_user_title": "No",
        "is_transient": True, "error_user_msg": "Not now", "message": "Later", "code": 368,
    }  # fmt: skip
    rules({"action": {"error": {**told, "subcode": 1390008, "status": 400}}})

    error = page.get(PSID).error
    assert {name: error[name] for name in told} == told
    assert error["error_subcode"] == 1390008
    assert error["fbtrace_id"]


def test_one_edge_may_fail_inside_an_answer_that_is_well(page, rules):
    rules({"match": {"edge": "ids_for_pages"}, "action": {"edge_error": {"code": 10, "message": "(#10) No"}}})

    reply = page.get(PSID, fields=f"name,{BOTH}")

    assert reply.status == 200
    assert reply.body["ids_for_pages"]["error"]["code"] == 10
    assert [row["id"] for row in reply.body["ids_for_apps"]["data"]] == [GAME_ASID, ASID]


@pytest.mark.parametrize(
    ("match", "spoilt"), [({}, {"ids_for_apps", "ids_for_pages"}), ({"use_case": 1}, {"ids_for_apps"}),
                          ({"edge": "ids_for_pages"}, {"ids_for_pages"}), ({"use_case": 4}, {"ids_for_pages"})],
)  # fmt: skip
def test_of_two_edges_those_are_spoilt_that_the_rule_is_about(page, rules, match, spoilt):
    true = page.get(PSID, fields=BOTH).body
    rules({"match": match, "action": {"rows": "duplicate"}})

    told = page.get(PSID, fields=BOTH).body

    changed = {edge for edge in BOTH.split(",") if len(told[edge]["data"]) == 2 * len(true[edge]["data"])}
    assert changed == spoilt


@pytest.mark.parametrize("path", ["ids_for_apps", ""])
def test_rows_of_many_nodes_are_spoilt_at_those_that_the_rule_is_about(page, rules, path):
    question = {"ids": f"{JOHN},{OMAR}", "fields": "" if path else BOTH}
    true = page.get(path, **question).body
    rules({"match": {"node": JOHN, "use_case": 1}, "action": {"rows": "fewer"}})

    told = page.get(path, **question).body

    def rows(answer: dict, node: str) -> list[dict]:
        return (answer[node] if path else answer[node]["ids_for_apps"])["data"]

    assert rows(told, JOHN) == rows(true, JOHN)[:-1]
    assert told[OMAR] == true[OMAR]


@pytest.mark.parametrize("path", ["ids_for_apps", ""])
def test_paging_of_many_nodes_may_be_spoilt(page, rules, path):
    rules({"action": {"paging": "no cursors"}})

    told = page.get(path, ids=JOHN, fields="" if path else BOTH).body[JOHN]

    edges = [told] if path else [told["ids_for_apps"], told["ids_for_pages"]]
    assert [set(edge["paging"]) for edge in edges] == [{"next"}] * len(edges)
    assert all(f"/{JOHN}/ids_for_" in edge["paging"]["next"] for edge in edges)


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (f"{PSID}/ids_for_apps", {"limit": 1, "app": GAME_APP, "fields": "id,app{id,name}"}),
        (PSID, {"fields": f"ids_for_apps.limit(1).app({GAME_APP}){{id,app{{id,name}}}}"}),
    ],
)
def test_the_next_of_a_loop_keeps_what_was_asked(page, rules, path, params):
    rules({"action": {"paging": "loop"}})
    told = page.get(path, **params).body

    for _ in range(3):
        url = told.get("ids_for_apps", told)["paging"]["next"]
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        assert (query["limit"], query["app"], query["fields"]) == ("1", GAME_APP, "id,app{id,name}")
        told = page.get(f"{PSID}/ids_for_apps", **query).body
        assert [set(row["app"]) for row in told["data"]] == [{"id", "name"}]


@pytest.mark.parametrize(
    ("how", "fits"),
    [
        ("without id", lambda row: "id" not in row and row["app"]),
        ("number as id", lambda row: isinstance(row["id"], int)),
        ("leading zero", lambda row: row["id"].startswith("0")),
        ("unknown fields", lambda row: len(row) == 3),
        ("odd text", lambda row: row["app"]["link"].startswith("javascript:") and "\x00" in row["app"]["name"]),
    ],
)
def test_rows_may_be_such_as_no_client_expects(page, rules, how, fits):
    rules({"action": {"rows": how}})

    rows = page.get(f"{PSID}/ids_for_apps").body["data"]

    assert len(rows) == 2
    assert all(fits(row) for row in rows)


def test_a_request_may_stay_without_an_answer(sandbox, page, rules):
    rules({"action": {"silence": True}, "times": 1})
    silent = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=0.5)
    silent.request("GET", f"/{PSID}")

    with pytest.raises(TimeoutError):
        silent.getresponse()

    silent.close()
    assert page.get(PSID).status == 200


def test_a_rule_tells_how_often_it_was_met_and_applied(sandbox, page, rules):
    told = {"match": {"node": PSID, "nth": 2}, "action": TROUBLE, "times": 1, "then": {"null": True}}
    rules(told)
    assert [page.get(PSID).status for _ in range(3)] == [200, 500, 200]
    page.get(MOVIE_APP)

    assert sandbox.read("rules") == [{**told, "met": 2, "applied": 1}]
