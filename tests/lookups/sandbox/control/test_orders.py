"""What control can be told and asked: the state, switches, latency, who is who and who owns what."""

import re
import subprocess
import sys

import pytest

from lookups.sandbox.control.orders import ORDERS, SLOW_ORDERS
from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, send

JOHNS, NORTH = "112233445566778", "223344556677889"
NORTH_APP, NORTH_PAGE = "601926256515072", "651551841371924"
JONAS_ASID, LINH_ASID, LINH_PSID = "10150000000000017", "1457183521", "2345678901"
TOO_MUCH = [float("nan"), float("inf"), -1, "1", True, None, 3600]


@pytest.fixture
def page(sandbox) -> Caller:
    return Caller(sandbox, "John's Next Great Thing")


@pytest.fixture
def truth(sandbox):
    """Gives everybody by name, of one business or of all."""
    return lambda query="": {one["name"]: one for one in sandbox.read(f"truth{query}")}


def merge(sandbox, one: tuple[str, str], into: tuple[str, str]) -> None:
    named = [dict(zip(("asset", "id"), scoped, strict=True)) for scoped in (one, into)]
    sandbox.control("people", {"merge": named[0], "into": named[1]})


def test_the_state_tells_what_was_told(sandbox, page):
    rule = {"match": {"node": PSID}, "action": {"error": {"code": 2, "status": 500}}, "times": 1}
    sandbox.control("rules", [rule])
    sandbox.control("clock", {"ahead": 3600})
    sandbox.control("latency", {"per_item": 0.001})
    sandbox.control("hook", {"when": "after", "nth": 9, "signal": "STOP", "pid": 999999999})
    sandbox.control("reviews", {"business": NORTH, "under_review": True})
    sandbox.control("edges", {"edge": "ids_for_business", "refuse": {"status": 400, "code": 10, "message": "x"}})
    page.get(PSID)

    state = sandbox.read("state")

    assert state["rules"] == [{**rule, "met": 1, "applied": 1}]
    assert (state["ahead"], state["latency"]["per_item"]) == (3600, 0.001)
    assert state["hooks"] == [{"when": "after", "nth": 9, "met": 1}]
    assert NORTH in state["reviews"]
    assert state["refused_edges"] == ["ids_for_business"]
    assert (state["port"], state["control_url"], state["journal"]) == ("open", sandbox.control_url, 1)
    sandbox.reset()
    assert sandbox.read("state")["rules"] == []


@pytest.mark.parametrize(
    ("switch", "value", "seen"),
    [
        ("review_status", 400, lambda page: page.get(f"{PSID}/ids_for_apps").status),
        ("page_size", 1, lambda page: len(page.get(f"{PSID}/ids_for_apps").ids)),
        ("token_status", 401, lambda page: page.get(PSID, access_token="x").status),
        ("usage_of_psids", "pages", lambda page: page.get(PSID).headers["x-business-use-case-usage"].count("pages")),
        ("require_app_secret", True, lambda page: page.get(PSID, proof=False).status),
        ("leave_out_empty_edges", "off", lambda page: page.get(PSID, fields="ids_for_business").status),
    ],
)
def test_switches_are_turned_in_mid_run_and_back_by_a_reset(sandbox, page, switch, value, seen):
    def look() -> object:
        sandbox.control("reviews", {"business": JOHNS, "under_review": switch == "review_status"})
        return seen(page)

    before = look()

    told = sandbox.control("switches", {switch: value})

    assert told[switch] in (value, value == "on")
    assert sandbox.read("switches") == told
    assert look() != before or switch == "leave_out_empty_edges"
    sandbox.reset()
    assert look() == before
    assert sandbox.read("switches") != told


@pytest.mark.parametrize("told", [{"nonsense": "on"}, {"page_size": 0}, {"page_size": "x"}, {"reviewed_edges": "x"}])
def test_switches_that_do_not_exist_are_refused_and_nothing_is_turned(sandbox, told):
    before = sandbox.read("switches")

    assert send(sandbox, "POST", "/__control/switches", json_body={"shuffle_rows": True, **told}).status == 400
    assert sandbox.read("switches") == before


@pytest.mark.parametrize("name", ["seconds", "spread", "per_item"])
@pytest.mark.parametrize("value", TOO_MUCH, ids=str)
def test_a_latency_that_is_no_time_is_refused_clearly(sandbox, name, value):
    reply = send(sandbox, "POST", "/__control/latency", json_body={name: value})

    assert reply.status == 400
    assert f"{name} is a number of seconds from 0 to 3600" in reply.body["error"]
    assert send(sandbox, "POST", "/__control/latency", json_body={"secs": 1}).body["error"].count("secs") == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "1", None], ids=str)
@pytest.mark.parametrize(
    ("path", "name"), [("clock", "ahead"), ("reviews", "after"), ("reviews", "until"), ("reviews", "share")]
)
def test_moments_that_never_come_are_refused(sandbox, page, path, name, value):
    told = {"business": JOHNS, "under_review": True, name: value}

    assert send(sandbox, "POST", f"/__control/{path}", json_body=told).status == 400
    assert page.get(f"{PSID}/ids_for_apps").status == 200


def test_truth_without_a_business_names_everybody(truth):
    everybody = truth()

    assert {"John Smith", "Linh Pham", "Rosa Diaz"} <= set(everybody)
    ids = {MOVIE_APP: ASID, GAME_APP: GAME_ASID, PAGE: PSID}
    assert everybody["John Smith"] == {"name": "John Smith", "business": JOHNS, "ids": ids, "aliases": {}}
    assert "Linh Pham" not in truth(f"?business={JOHNS}")


def test_truth_tells_by_which_other_ids_a_person_is_found_after_a_merge(sandbox, truth):
    merge(sandbox, (GAME_APP, JONAS_ASID), (GAME_APP, GAME_ASID))

    told = truth(f"?business={JOHNS}")
    assert told["John Smith"]["ids"][GAME_APP] == GAME_ASID
    assert told["John Smith"]["aliases"] == {GAME_APP: [JONAS_ASID]}
    assert "Jonas Berg" not in told


def test_truth_of_a_business_holds_those_who_came_to_it_by_a_merge(sandbox, truth):
    merge(sandbox, (NORTH_PAGE, LINH_PSID), (PAGE, PSID))

    assert truth(f"?business={NORTH}")["John Smith"]["ids"][NORTH_PAGE] == LINH_PSID
    assert NORTH_PAGE not in truth(f"?business={JOHNS}")["John Smith"]["ids"]


def test_truth_goes_with_a_page_that_moves(sandbox, truth):
    sandbox.control("assets", {"asset": PAGE, "business": NORTH})

    assert truth(f"?business={NORTH}")["John Smith"]["ids"] == {PAGE: PSID}
    assert truth(f"?business={JOHNS}")["John Smith"]["ids"] == {MOVIE_APP: ASID, GAME_APP: GAME_ASID}


def test_it_is_told_who_owns_what_and_what_has_moved(sandbox):
    def owner(query: str = "") -> dict:
        return next(one for one in sandbox.read(f"assets{query}") if one["id"] == PAGE)

    assert (owner()["business"], owner()["moved_from"], owner()["kind"]) == (JOHNS, None, "page")
    sandbox.control("assets", {"asset": PAGE, "business": NORTH})
    assert owner() == owner(f"?business={NORTH}") == owner(f"?business={JOHNS}")
    assert (owner()["business"], owner()["moved_from"]) == (NORTH, JOHNS)
    assert NORTH_APP not in [one["id"] for one in sandbox.read(f"assets?business={JOHNS}")]


@pytest.mark.parametrize("path", ["truth?business=1", "truth?start=x", "assets?business=1"])
def test_truth_of_what_is_not_there_is_refused(sandbox, path):
    assert send(sandbox, "GET", "/__control/truth", query={"business": "1"}).status == 400


def test_orders_that_are_none_are_refused(sandbox):
    assert send(sandbox, "POST", "/__control/latency", json_body=7).status == 400
    assert send(sandbox, "POST", "/__control/rules", json_body={"rules": 7}).status == 400
    assert send(sandbox, "GET", "/__control/reset").status == 404


def test_all_orders_are_described_on_the_command_line():
    command = [sys.executable, "-m", "lookups.sandbox", "--describe-control"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout

    for name in (*ORDERS, *SLOW_ORDERS):
        assert re.search(rf"\b{name if isinstance(name, str) else name[1]}\b", told), name
    for word in ("black hole", "edge_error", "replayed", "data_access_ends_in", "nth"):
        assert word in told
