"""The wire contract, 7: who owns an app or a Page, who only works on it, what was written about it."""

import pytest

from tests.contract.wire import ASID, GAME_APP, MOVIE_APP, PAGE, PSID, Caller, Reply, send

guide = pytest.mark.guide
JOHNS, NORTH = "112233445566778", "223344556677889"
FAN_PAGE, NORTH_APP, NORTH_PAGE = "380374449010777", "601926256515072", "651551841371924"


@pytest.fixture
def ask(sandbox):
    """Ask as the system user of a business."""

    def get(path: str, business: str = JOHNS, **params: object) -> Reply:
        told = next(one for one in sandbox.world["businesses"] if one["id"] == business)
        return send(sandbox, "GET", path, query={"access_token": told["system_token"], **params})

    return get


def owner(reply: Reply) -> str | None:
    return reply.body.get("owner_business", {}).get("id")


@guide("wire 7: a client asset is visible to its client, and owned by another")
def test_a_client_page_names_its_owner(ask):
    assert ask(f"{NORTH}/client_pages", NORTH, fields="owner_business").body["data"] == [
        {"owner_business": {"id": JOHNS, "name": "John's Entertainment"}, "id": FAN_PAGE}
    ]
    assert owner(ask(FAN_PAGE, NORTH, fields="owner_business")) == JOHNS
    assert FAN_PAGE in ask("me/accounts", NORTH).ids
    assert ask(PAGE, NORTH, fields="owner_business").error["error_subcode"] == 33


@guide("wire 7: apps may be shared, too")
def test_an_app_can_be_shared_with_several_businesses(ask, sandbox):
    sandbox.control("assets", {"asset": NORTH_APP, "clients": [JOHNS, "334455667788990"]})

    assert ask(f"{JOHNS}/client_apps").ids == [NORTH_APP]
    assert ask(f"{JOHNS}/owned_apps").ids != [NORTH_APP]
    assert ask("334455667788990/client_apps", "334455667788990").ids == [NORTH_APP]
    sandbox.reset()
    assert ask(f"{JOHNS}/client_apps").body == {"data": []}


@guide("wire 7: 'same business' means owned, not client")
def test_a_shared_app_is_not_of_the_business(page, sandbox):
    sandbox.control("assets", {"asset": GAME_APP, "business": NORTH})
    sandbox.control("assets", {"asset": GAME_APP, "clients": [JOHNS]})

    assert page.get(f"{PSID}/ids_for_apps").ids == [ASID]


@guide("wire 1.2: nothing in one business")
def test_an_app_of_no_business_has_no_owner_and_joins_nothing(app, game, page, sandbox):
    sandbox.control("assets", {"asset": MOVIE_APP, "business": ""})
    sandbox.control("assets", {"asset": GAME_APP, "business": ""})

    assert app.get(MOVIE_APP, fields="name,owner_business").body == {"name": "JohnsMovieApp", "id": MOVIE_APP}
    assert app.get(f"{ASID}/ids_for_apps").body == {"data": []}
    assert app.get(f"{ASID}/ids_for_pages").body == {"data": []}
    assert page.get(f"{PSID}/ids_for_apps").body == {"data": []}
    assert app.get(GAME_APP).error["error_subcode"] == 33
    assert app.get(ASID, fields="token_for_business").error["code"] == 100


@guide("wire 1, row 1: the app that manages the Page and the Page have one owner")
def test_a_page_managed_by_a_foreign_app_joins_no_apps(page, sandbox):
    sandbox.control("assets", {"asset": MOVIE_APP, "business": NORTH})

    assert page.get(f"{PSID}/ids_for_apps").body == {"data": []}
    assert page.get(f"{PSID}/ids_for_pages").ids == [PSID]


@guide("wire 1.3: rows may name their owner")
def test_rows_of_an_edge_tell_the_owner_on_wish(page):
    rows = page.get(f"{PSID}/ids_for_apps", fields="app{owner_business{id}}").body["data"]

    assert {row["app"]["owner_business"]["id"] for row in rows} == {JOHNS}
    assert "owner_business" not in page.get(f"{PSID}/ids_for_apps").body["data"][0]["app"]


@guide("wire 1.3: nesting to any depth")
def test_lists_may_be_fields_of_a_business(ask):
    asked = "name,owned_pages.limit(1){name,owner_business{id}},owned_apps{id},client_apps"

    told = ask(JOHNS, fields=asked).body

    assert told["owned_pages"]["data"] == [
        {"owner_business": {"id": JOHNS}, "name": "John's Next Great Thing", "id": PAGE}
    ]
    assert "next" in told["owned_pages"]["paging"]
    assert [row["id"] for row in told["owned_apps"]["data"]] == [MOVIE_APP, GAME_APP, "206200729983202"]
    assert (list(told)[-1], "client_apps" in told) == ("id", False)


@guide("wire 1.3: lists below lists")
def test_one_question_tells_all_of_a_system_users_businesses(ask):
    told = ask("me", NORTH, fields="businesses{name,owned_apps{name},client_pages{name}},accounts{id}").body

    north = told["businesses"]["data"][0]
    assert (north["name"], north["owned_apps"]["data"][0]["id"]) == ("North Harbour Travel", NORTH_APP)
    assert north["client_pages"]["data"] == [{"name": "John's Fan Club", "id": FAN_PAGE}]
    assert {row["id"] for row in told["accounts"]["data"]} == {NORTH_PAGE, FAN_PAGE}


@guide("wire 7: business_management is needed")
def test_a_system_user_may_lack_the_permission(ask, sandbox):
    sandbox.control("tokens", {"token_of": {"system": JOHNS}, "scopes": ["pages_show_list"]})

    assert ask(f"{JOHNS}/owned_apps").error["message"].startswith("(#200) Requires business_management")
    assert ask(JOHNS, fields="owned_apps").error["code"] == 200
    assert ask("me/businesses").error["code"] == 200
    assert PAGE in ask("me/accounts").ids


@guide("wire 7: subscribed_fields are kept")
def test_a_page_remembers_who_listens_to_what(page):
    form = {"access_token": page.token, "subscribed_fields": "messages,messaging_postbacks"}

    assert send(page.sandbox, "POST", f"{PAGE}/subscribed_apps", form=form).body == {"success": True}
    assert page.get(f"{PAGE}/subscribed_apps").body["data"][0]["subscribed_fields"] == [
        "messages",
        "messaging_postbacks",
    ]
    assert send(page.sandbox, "DELETE", f"{PAGE}/subscribed_apps", query=form).body == {"success": True}
    assert page.get(f"{PAGE}/subscribed_apps").body == {"data": []}
    page.sandbox.reset()
    assert page.get(f"{PAGE}/subscribed_apps").body["data"][0]["subscribed_fields"] == ["messages"]


@guide("wire 7: only the Page itself subscribes")
def test_an_app_token_subscribes_no_page(app):
    reply = send(app.sandbox, "POST", f"{PAGE}/subscribed_apps", form={"access_token": app.token})

    assert (reply.status, reply.error["code"]) == (403, 210)


@guide("wire 7: POST /{app}/subscriptions")
def test_an_app_subscribes_with_its_own_token(app, page):
    told = {"object": "page", "callback_url": "https://example.com/hook", "fields": "messages", "verify_token": "v"}
    form = {"access_token": app.token, **told}

    assert send(app.sandbox, "POST", f"{MOVIE_APP}/subscriptions", form=form).body == {"success": True}
    row = app.get(f"{MOVIE_APP}/subscriptions").body["data"][0]
    assert (row["object"], row["callback_url"], row["active"]) == ("page", "https://example.com/hook", True)
    assert row["fields"] == [{"name": "messages", "version": "v26.0"}]
    missing = send(app.sandbox, "POST", f"{MOVIE_APP}/subscriptions", form=form | {"object": ""})
    assert missing.error["message"] == "(#100) The parameter object is required"
    foreign = send(app.sandbox, "POST", f"{MOVIE_APP}/subscriptions", form=form | {"access_token": page.token})
    assert foreign.error["error_subcode"] == 33


@guide("wire 2: with Require App Secret, writing needs a proof, too")
def test_writing_may_need_a_proof(turned):
    page = Caller(turned("require_app_secret=on"), "John's Next Great Thing")
    form = {"access_token": page.token}

    refused = send(page.sandbox, "POST", f"{PAGE}/subscribed_apps", form=form)
    taken = send(page.sandbox, "POST", f"{PAGE}/subscribed_apps", form=form | {"appsecret_proof": page.proof})

    assert "require an appsecret_proof" in refused.error["message"]
    assert taken.body == {"success": True}


@guide("wire 6.2: ids= needs a token and IDs")
def test_ids_are_not_read_without_a_token(sandbox, app):
    for ids in ("", ASID, ",".join([ASID] * 51)):
        assert send(sandbox, "GET", "/v26.0/", query={"ids": ids}).error["code"] == 104
    empty = app.get("/v26.0/", ids="")
    assert (empty.status, empty.error["code"]) == (400, 2500)
    assert empty.error["message"] == "Cannot specify an empty identifier"


@guide("wire 1.4: the text of a bad cursor names it")
@pytest.mark.parametrize(("name", "word"), [("after", "After Cursor"), ("before", "Before Cursor")])
def test_a_bad_cursor_is_named(app, name, word):
    error = app.get(f"{ASID}/ids_for_apps", **{name: "nonsense"}).error

    assert error["code"] == 100
    assert word in error["message"]
