"""What only the real Graph can show: usage headers of batches, permissions for some Pages, versions, use case 2."""

import pytest

from tests.contract.wire import ASID, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, Reply

guide = pytest.mark.guide
USAGE = "x-business-use-case-usage"


def item_headers(reply: Reply) -> set[str]:
    return {header["name"] for header in reply.body[0]["headers"]}


@guide("wire 5: where a batch has usage headers")
@pytest.mark.parametrize(
    ("setting", "outer", "item"),
    [("both", True, True), ("outer", True, False), ("items", False, True), ("none", False, False)],
)
def test_usage_headers_stand_where_the_switch_says(turned, setting, outer, item):
    page = Caller(turned(f"usage_headers={setting}"), "John's Next Great Thing")

    batch, single = page.batch(PSID), page.get(PSID)

    assert (USAGE in batch.headers, USAGE in item_headers(batch)) == (outer, item)
    assert (USAGE in single.headers) == outer


@guide("wire 5: calls are counted whether or not a header tells so")
def test_without_headers_calls_are_counted_all_the_same(turned):
    sandbox = turned("usage_headers=none")
    sandbox.control("usage", {"of": {"app": MOVIE_APP}, "users": 1, "used": 200})

    assert Caller(sandbox, "JohnsMovieApp").get(ASID).error["code"] == 4


@guide("wire 1, row 2: the app that manages the Page")
def test_use_case_2_may_be_for_the_managing_app_alone(app, game, turned):
    assert PSID in game.get(f"{GAME_ASID}/ids_for_pages").ids
    for setting in ("managing", "managing_or_refused"):
        strict = turned(f"use_case_2={setting}")
        assert PSID in Caller(strict, "JohnsMovieApp").get(f"{ASID}/ids_for_pages").ids
        assert Caller(strict, "John's Game App").get(f"{GAME_ASID}/ids_for_pages").ids == []


@guide("wire 1, row 2: an app that manages no Page")
def test_an_app_that_manages_no_page_may_be_refused(turned):
    asked = {}
    for setting in ("any_app", "managing", "managing_or_refused"):
        quiz = Caller(turned(f"use_case_2={setting}"), "John's Instant Quiz")
        asked[setting] = quiz.get("77001234567/ids_for_pages"), quiz.get("77001234567/ids_for_apps")

    assert [pages.status for pages, _ in asked.values()] == [200, 200, 403]
    assert [apps.status for _, apps in asked.values()] == [200] * 3
    assert [len(asked[setting][0].ids) for setting in ("any_app", "managing")] == [2, 0]
    assert asked["managing_or_refused"][0].error["code"] == 10


@guide("wire 1.5: a version that has ended is served by another, and a header says so")
def test_the_version_asked_for_may_have_ended(app, turned):
    ended = Caller(turned("asked_version_has_ended=on"), "JohnsMovieApp")

    assert app.get(ASID).headers["facebook-api-version"] == "v26.0"
    assert (ended.get(ASID).status, ended.get(ASID).headers["facebook-api-version"]) == (200, "v21.0")


@guide("wire 3.1: granular_scopes, and what they name")
@pytest.mark.parametrize(("setting", "granted"), [
    ("named", {"target_ids": [PAGE]}), ("unnamed", {}), ("left_out", None),
    ("another", {"target_ids": ["1002003004005008"]}),
])  # fmt: skip
def test_permissions_name_their_pages_as_the_switch_says(turned, setting, granted):
    sandbox = turned(f"granular_scopes={setting}")
    app, page = Caller(sandbox, "JohnsMovieApp"), Caller(sandbox, "John's Next Great Thing")

    told = app.get("debug_token", input_token=page.token).body["data"]

    assert "pages_messaging" in told["scopes"]
    if granted is None:
        assert "granular_scopes" not in told
    else:
        assert {"scope": "pages_messaging", **granted} in told["granular_scopes"]
    assert page.get(f"{PSID}/ids_for_apps").status == (403 if setting == "another" else 200)
