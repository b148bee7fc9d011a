"""Events in the sandbox's world in mid-run: reviews, tokens, secrets, people, assets and worlds change."""

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, ask, proof_of, send
from tests.lookups.sandbox.described_world import WORLD

OMAR_ASID, JONAS_ASID = "66001234567", "10150000000000017"
NORTH = "223344556677889"
JOHN_IN_APPS = [GAME_ASID, ASID]


def test_a_review_begins_and_ends_on_command(sandbox):
    page = Caller(sandbox, "John's Next Great Thing")
    business = sandbox.asset("John's Next Great Thing")["business"]

    sandbox.control("reviews", {"business": business, "under_review": True})
    during = page.get(f"{PSID}/ids_for_apps").status
    sandbox.control("reviews", {"business": business, "under_review": False})

    assert (during, page.get(f"{PSID}/ids_for_apps").status) == (403, 200)


def person(asset: str, scoped_id: str) -> dict[str, str]:
    return {"asset": asset, "id": scoped_id}


def test_an_id_vanishes_when_the_app_is_uninstalled(sandbox, page, app):
    sandbox.control("people", {"uninstall": person(GAME_APP, GAME_ASID)})

    assert page.get(f"{PSID}/ids_for_apps").ids == [ASID]
    assert Caller(sandbox, "John's Game App").get(GAME_ASID).error["error_subcode"] == 33
    sandbox.reset()
    assert page.get(f"{PSID}/ids_for_apps").ids == JOHN_IN_APPS


def test_an_id_comes_to_name_another_person(sandbox, page, app):
    sandbox.control("people", {"move": person(GAME_APP, GAME_ASID), "to": person(MOVIE_APP, OMAR_ASID)})

    assert page.get(f"{PSID}/ids_for_apps").ids == [ASID]
    assert app.get(f"{OMAR_ASID}/ids_for_apps").ids == [GAME_ASID, OMAR_ASID]
    assert Caller(sandbox, "John's Game App").get(GAME_ASID, fields="name").body["name"] == "Omar Haddad"


def test_two_people_become_one(sandbox, page, app):
    sandbox.control("people", {"merge": person(GAME_APP, JONAS_ASID), "into": person(GAME_APP, GAME_ASID)})

    told = Caller(sandbox, "John's Game App").get(f"{JONAS_ASID}/ids_for_apps")

    assert told.ids == JOHN_IN_APPS
    assert sum(JONAS_ASID in one["ids"].values() for one in sandbox.read("truth?business=112233445566778")) == 0


def test_a_page_moves_to_another_business(sandbox, page, app):
    sandbox.control("assets", {"asset": PAGE, "business": NORTH})

    assert app.get(f"{ASID}/ids_for_pages").body == {"data": []}
    assert page.get(f"{PSID}/ids_for_apps").body == {"data": []}
    assert page.get(PAGE, fields="owner_business{id}").body["owner_business"]["id"] == NORTH


def test_a_reset_secret_ends_the_apps_token_and_all_old_proofs(sandbox, page, app):
    told = sandbox.control("secrets", {"app": MOVIE_APP})

    assert app.get(ASID).error["code"] == 190
    assert page.get(f"{PSID}/ids_for_apps").error["message"].startswith("Invalid appsecret_proof")
    fresh = proof_of(page.token, told["secret"])
    assert page.get(f"{PSID}/ids_for_apps", appsecret_proof=fresh).ids == JOHN_IN_APPS
    assert send(sandbox, "GET", ASID, query={"access_token": told["token"]}).status == 200


def test_a_token_expires_at_its_moment(sandbox, page, app):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "ends_in": 3600})
    assert page.get(PSID).status == 200
    assert app.get("debug_token", proof=False, input_token=page.token).body["data"]["expires_at"] > 0

    sandbox.control("clock", {"ahead": 3601})

    error = page.get(PSID).error
    assert (error["code"], error["error_subcode"]) == (190, 463)
    assert app.get("debug_token", proof=False, input_token=page.token).body["data"]["is_valid"] is False
    assert app.get(ASID).status == 200


def test_a_review_begins_and_ends_at_its_moments(sandbox, page):
    told = {"business": "112233445566778", "under_review": True, "after": 600, "until": 1200}
    sandbox.control("reviews", told)

    def status(ahead: int) -> int:
        sandbox.control("clock", {"ahead": ahead})
        return page.get(f"{PSID}/ids_for_apps").status

    assert [status(ahead) for ahead in (0, 610, 1190, 1210)] == [200, 403, 403, 200]


def test_a_review_meets_a_share_of_the_calls_the_same_ones_each_time(sandbox, page):
    def story() -> list[int]:
        sandbox.reset()
        sandbox.control("reviews", {"business": "112233445566778", "under_review": True, "share": 0.5})
        return [page.get(f"{PSID}/ids_for_apps").status for _ in range(20)]

    first = story()

    assert set(first) == {200, 403}
    assert story() == first


def test_headers_say_as_much_usage_as_was_ordered_until_a_reset(sandbox, app):
    sandbox.control("usage", {"of": {"app": MOVIE_APP}, "percent": 96})
    assert '"call_count":96' in app.get(ASID).headers["x-app-usage"]

    sandbox.reset()
    assert '"call_count":0' in app.get(ASID).headers["x-app-usage"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("people", {"uninstall": person(GAME_APP, "424242")}),
        ("people", {"move": person(GAME_APP, GAME_ASID)}),
        ("people", {}),
        ("assets", {"asset": PAGE, "business": "nobody"}),
        ("secrets", {"app": "424242"}),
        ("tokens", {"token_of": {}, "ends_in": 1}),
        ("clock", {}),
        ("hook", {"when": "before", "nth": 1}),
        ("hook", {"when": "before", "nth": 1, "url": "http://192.0.2.7/"}),
        ("hook", {"when": "before", "nth": 1, "signal": "KILL"}),
        ("latency", {"seconds": "long"}),
    ],
)
def test_what_cannot_happen_is_refused_and_changes_nothing(sandbox, page, path, told):
    assert send(sandbox, "POST", f"/__control/{path}", json_body=told).status == 400
    assert page.get(f"{PSID}/ids_for_apps").ids == JOHN_IN_APPS


def test_a_running_sandbox_enters_other_worlds_until_it_is_reset(sandbox):
    johns = sandbox.world["businesses"][0]["system_token"]
    for seed in range(5):
        told = sandbox.control("world", {"seed": seed, "people": 10})
        token = next(one["system_token"] for one in told["businesses"] if one["system_token"])
        assert ask(sandbox, "me/businesses", token).status in (200, 400), "400 where its app's pool is used up"
        assert ask(sandbox, "me", johns).error["code"] == 190
        sandbox.read("truth")
        sandbox.read("assets")

    told = sandbox.control("world", {"world": WORLD, "seed": "x"})
    assert ask(sandbox, "4001", told["businesses"][0]["apps"][0]["token"]).error["code"] == 4
    sandbox.reset()

    assert ask(sandbox, "me/businesses", johns).body["data"][0]["name"] == "John's Entertainment"


def test_a_world_that_is_none_changes_nothing(sandbox):
    impossible = WORLD | {"happened": [{"weather": {}}]}
    for told in ({}, {"world": {"planets": []}}, {"seed": "1", "people": "many"}, {"world": impossible}):
        assert send(sandbox, "POST", "/__control/world", json_body=told).status == 400

    assert ask(sandbox, "me/businesses", sandbox.world["businesses"][0]["system_token"]).status == 200


@pytest.mark.parametrize("seconds", [1e300, -1e300, float("nan"), "soon"])
def test_a_moment_beyond_all_calendars_is_refused(sandbox, seconds):
    told = {"token_of": {"system": sandbox.world["businesses"][0]["id"]}, "ends_in": seconds}

    assert send(sandbox, "POST", "/__control/tokens", json_body=told).status == 400
    assert ask(sandbox, "me", sandbox.world["businesses"][0]["system_token"]).status == 200
