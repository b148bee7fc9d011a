"""The wire contract: what a client discovers of a business, its apps and its Pages (section 7)."""

import pytest

from tests.contract.wire import ASID, GAME_APP, MOVIE_APP, PAGE, PSID, Caller, Reply, send

guide = pytest.mark.guide
FAN_PAGE, HELP_PAGE, SHOP_APP = "380374449010777", "380374449010888", "206200729983202"


@pytest.fixture
def ask(sandbox):
    """Ask as the system user of a business."""

    def get(path: str, business: str = "John's Entertainment", **params: object) -> Reply:
        token = _business(sandbox, business)["system_token"]
        return send(sandbox, "GET", path, query={"access_token": token, **params})

    return get


def _business(sandbox, name: str) -> dict:
    return next(one for one in sandbox.world["businesses"] if one["name"] == name)


@guide("wire 7: owned_apps and owned_pages")
def test_a_business_lists_what_it_owns(ask, sandbox):
    johns = _business(sandbox, "John's Entertainment")["id"]

    assert ask(f"{johns}/owned_apps").ids == [MOVIE_APP, GAME_APP, SHOP_APP]
    assert ask(f"{johns}/owned_pages", fields="id,name").body["data"][0] == {
        "name": "John's Next Great Thing",
        "id": PAGE,
    }


@guide("wire 7: client_pages are not owned")
def test_a_page_may_be_looked_after_without_being_owned(ask, sandbox):
    north = _business(sandbox, "North Harbour Travel")["id"]

    assert ask(f"{north}/client_pages", "North Harbour Travel").ids == [FAN_PAGE]
    assert FAN_PAGE not in ask(f"{north}/owned_pages", "North Harbour Travel").ids
    assert ask(f"{north}/client_apps", "North Harbour Travel").body == {"data": []}


@guide("wire 7: lists are paged by cursors")
def test_lists_of_a_business_are_paged(ask, sandbox):
    johns = _business(sandbox, "John's Entertainment")["id"]

    first = ask(f"{johns}/owned_apps", limit=2)
    after = first.body["paging"]["cursors"]["after"]

    assert first.ids == [MOVIE_APP, GAME_APP]
    assert "next" in first.body["paging"]
    assert ask(f"{johns}/owned_apps", limit=2, after=after).ids == [SHOP_APP]


@guide("wire 7: business_management is needed")
def test_an_app_token_may_not_list_a_business(app, sandbox):
    johns = _business(sandbox, "John's Entertainment")["id"]

    error = app.get(f"{johns}/owned_apps").error

    assert (error["code"], error["message"]) == (
        200,
        "(#200) Requires business_management permission to manage the object",
    )


def test_another_business_is_not_to_be_seen(ask, sandbox):
    north = _business(sandbox, "North Harbour Travel")["id"]

    assert ask(f"{north}/owned_apps").error["error_subcode"] == 33
    assert ask("651551841371924").error["error_subcode"] == 33


@guide("wire 7: /me/accounts gives Page tokens")
def test_me_accounts_gives_a_token_for_each_page(ask, sandbox):
    rows = {row["id"]: row for row in ask("me/accounts").body["data"]}

    assert set(rows) == {PAGE, FAN_PAGE, HELP_PAGE}
    assert set(rows[PAGE]) == {"access_token", "category", "category_list", "name", "id", "tasks"}
    told = send(sandbox, "GET", "me", query={"access_token": rows[PAGE]["access_token"]})
    assert told.body["id"] == PAGE


def test_me_and_my_businesses(ask, sandbox):
    johns = _business(sandbox, "John's Entertainment")["id"]

    assert ask("me", fields="name").body["name"] == "System user"
    assert ask("me/businesses").body["data"] == [{"id": johns, "name": "John's Entertainment"}]
    assert ask(johns, fields="name").body == {"id": johns, "name": "John's Entertainment"}
    assert ask("me/nonsense").error["code"] == 100


@guide("wire 7: owner_business of apps and Pages")
def test_apps_and_pages_name_the_business_that_owns_them(app, page, sandbox):
    johns = _business(sandbox, "John's Entertainment")["id"]

    assert app.get(MOVIE_APP, fields="name,owner_business").body["owner_business"]["id"] == johns
    assert page.get(PAGE, fields="business{id},owner_business{id}").body == {
        "owner_business": {"id": johns},
        "business": {"id": johns},
        "id": PAGE,
    }
    assert "owner_business" not in app.get(MOVIE_APP).body


@guide("wire 7: subscribed_apps of a Page")
def test_subscribed_apps(page):
    row = page.get(f"{PAGE}/subscribed_apps").body["data"][0]

    assert (row["id"], row["name"], row["subscribed_fields"]) == (MOVIE_APP, "JohnsMovieApp", ["messages"])
    subscribed = send(page.sandbox, "POST", f"{PAGE}/subscribed_apps", form={"access_token": page.token})
    assert subscribed.body == {"success": True}


def test_a_system_user_sees_no_people(ask):
    assert ask(f"{ASID}/ids_for_apps").error["error_subcode"] == 33
    assert ask(PSID).error["error_subcode"] == 33


@guide("wire 3.1: debug_token of a system user's token")
def test_debug_token_of_a_system_user(app, sandbox):
    token = _business(sandbox, "John's Entertainment")["system_token"]

    told = Caller(sandbox, "JohnsMovieApp").get("debug_token", proof=False, input_token=token).body["data"]

    assert (told["type"], told["is_valid"], told["expires_at"]) == ("SYSTEM_USER", True, 0)
    assert "business_management" in told["scopes"]
