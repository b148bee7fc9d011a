"""The wire contract, 5: calls are counted in sliding windows, and refused where a pool is used up."""

import json

import pytest

from tests.contract.wire import ASID, MOVIE_APP, PAGE, PSID, Caller, Reply

guide = pytest.mark.guide
APP, OF_PAGE = {"app": MOVIE_APP}, {"page": PAGE}


@pytest.fixture
def limit(sandbox):
    """Set how many users an app or a Page has, and how many calls it has made just now."""
    return lambda of, users=1, used=0: sandbox.control("usage", {"of": of, "users": users, "used": used})


def of_app(reply: Reply) -> int:
    """The share used up, by the header."""
    return json.loads(reply.headers["x-app-usage"])["call_count"]


def of_page(reply: Reply) -> dict:
    """The Page's pool, by the header."""
    return json.loads(reply.headers["x-business-use-case-usage"])[PAGE][0]


def test_nothing_is_limited_before_users_are_set(app):
    assert {app.get(ASID).status for _ in range(20)} == {200}
    assert of_app(app.get(ASID)) == 0


@guide("wire 5: 200 calls an hour for each daily user; the header tells percent")
def test_an_apps_calls_are_counted_against_its_users(app, limit):
    assert limit(APP, users=1)["most"] == 200

    assert [of_app(app.get(ASID)) for _ in range(4)] == [0, 1, 1, 2]
    limit(APP, users=10)
    assert [of_app(app.get(ASID)) for _ in range(2)] == [0, 0]


@guide("wire 5: at 100 percent code 4")
def test_an_app_without_calls_left_is_refused(app, page, limit):
    limit(APP, used=199)
    last, refused = app.get(ASID), app.get(ASID)

    assert (last.status, of_app(last)) == (200, 100)
    assert (refused.status, refused.error["code"]) == (400, 4)
    assert refused.error["message"] == "(#4) Application request limit reached"
    assert page.get(PSID).status == 200


@guide("wire 5: a rolling hour")
def test_calls_older_than_an_hour_count_no_more(app, limit, sandbox):
    limit(APP, used=150)
    sandbox.control("clock", {"ahead": 1800})
    app.batch(*[ASID] * 50)
    assert app.get(ASID).error["code"] == 4

    sandbox.control("clock", {"ahead": 3605})

    assert app.get(ASID).status == 200
    assert of_app(app.get(ASID)) == 26


@guide("wire 5: calling on while blocked lengthens the block")
def test_calls_while_blocked_lengthen_the_block(app, limit, sandbox):
    limit(APP, used=200)
    sandbox.control("clock", {"ahead": 1800})
    for _ in range(4):
        app.batch(*[ASID] * 50)

    sandbox.control("clock", {"ahead": 3605})

    assert app.get(ASID).error["code"] == 4


@guide("wire 5: a Page's pool, with minutes to wait")
@pytest.mark.parametrize(("pool", "code", "most"), [("messenger", 80006, 200), ("pages", 80001, 4800)])
def test_a_page_without_calls_left_is_told_how_long_to_wait(turned, pool, code, most):
    sandbox = turned(f"usage_of_psids={pool}")
    page, told = Caller(sandbox, "John's Next Great Thing"), {"of": OF_PAGE, "users": 1}

    assert sandbox.control("usage", told | {"used": most - 1})["most"] == most
    last, refused = page.get(PSID), page.get(PSID)
    sandbox.control("clock", {"ahead": 23 * 3600})
    later = page.get(PSID)

    assert (last.status, of_page(last)["call_count"], of_page(last)["type"]) == (200, 100, pool)
    assert (refused.status, refused.error["code"]) == (400, code)
    assert refused.error["message"].startswith(f"(#{code}) There have been too many ")
    assert of_page(refused)["estimated_time_to_regain_access"] == 24 * 60
    assert of_page(later)["estimated_time_to_regain_access"] == 60
    sandbox.control("clock", {"ahead": 25 * 3600})
    assert page.get(PSID).status == 200
    assert of_page(page.get(PSID))["estimated_time_to_regain_access"] == 0


@guide("wire 5: each item of a batch and each of ids= is one call")
def test_items_and_ids_count_one_by_one(app, limit):
    limit(APP)

    app.batch(*[ASID] * 9)
    assert of_app(app.get("/", ids=f"{ASID},66001234567")) == 5

    limit(APP, used=198)
    assert [item["code"] for item in app.batch(ASID, ASID, ASID).body] == [200, 200, 400]


def test_limits_are_gone_after_a_reset(app, limit, sandbox):
    limit(APP, used=200)
    assert app.get(ASID).status == 400

    sandbox.reset()

    assert app.get(ASID).status == 200


def test_a_limit_needs_users(sandbox, app):
    with pytest.raises(OSError, match="400"):
        sandbox.control("usage", {"of": APP, "users": 0})
    assert app.get(ASID).status == 200
