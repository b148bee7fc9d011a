"""Orders to the running sandbox: the state, switches, latency."""

import pytest

from tests.contract.wire import PSID, send

JOHNS, NORTH = "112233445566778", "223344556677889"
FAN_PAGE = "380374449010777"


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
        (
            "leave_out_empty_edges",
            "off",
            lambda page: list(page.get(PSID, fields=f"ids_for_pages.page({FAN_PAGE})").body),
        ),
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
    assert look() != before
    sandbox.reset()
    assert look() == before
    assert sandbox.read("switches") != told


@pytest.mark.parametrize("told", [{"nonsense": "on"}, {"page_size": 0}, {"page_size": "x"}, {"reviewed_edges": "x"}])
def test_switches_that_do_not_exist_are_refused_and_nothing_is_turned(sandbox, told):
    before = sandbox.read("switches")

    assert send(sandbox, "POST", "/__control/switches", json_body={"shuffle_rows": True, **told}).status == 400
    assert sandbox.read("switches") == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "1", None], ids=str)
@pytest.mark.parametrize(
    ("path", "name"), [("clock", "ahead"), ("reviews", "after"), ("reviews", "until"), ("reviews", "share")]
)
def test_moments_that_never_come_are_refused(sandbox, page, path, name, value):
    told = {"business": JOHNS, "under_review": True, name: value}

    assert send(sandbox, "POST", f"/__control/{path}", json_body=told).status == 400
    assert page.get(f"{PSID}/ids_for_apps").status == 200
