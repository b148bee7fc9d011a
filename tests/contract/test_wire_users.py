"""The wire contract: user tokens, `me`, and the exchange for a long-lived token (sections 1, 3 and 3.1)."""

import pytest

from tests.contract.wire import ASID, GAME_ASID, GAME_ROW, MOVIE_APP, MOVIE_ROW, PAGE, Caller, send

guide = pytest.mark.guide


@pytest.fixture
def john(app, sandbox) -> Caller:
    """John himself, logged in to JohnsMovieApp."""
    app.token = sandbox.control("login", {"app": MOVIE_APP, "asid": ASID})["access_token"]
    return app


@guide("wire 1, row 5: ids_for_business, and ids_for_apps, of `me` with a user token")
@pytest.mark.parametrize("edge", ["ids_for_apps", "ids_for_business"])
@pytest.mark.parametrize("proof", [True, False])
def test_a_user_may_ask_for_his_own_ids(john, edge, proof):
    assert john.get(f"me/{edge}", proof=proof).body["data"] == [GAME_ROW, MOVIE_ROW]
    assert john.get(f"{ASID}/{edge}", app=MOVIE_APP).ids == [ASID]


@guide("wire 3: a user token sees its user only")
def test_a_user_token_sees_nobody_else(john):
    for node in (GAME_ASID, "66001234567"):
        assert john.get(node).error["error_subcode"] == 33


@guide("wire 3: `me` by kind of token")
def test_me_is_the_user_the_page_or_nobody(john, page, game):
    assert john.get("me", fields="name").body == {"name": "John Smith", "id": ASID}
    assert page.get("me").body["id"] == PAGE
    assert game.get("me").error["code"] == 2500


@guide("wire 3: a token that was tampered with")
def test_a_user_token_for_another_user_cannot_be_made_up(john):
    john.token = john.token.replace(ASID, "66001234567")

    assert john.get("me").error["code"] == 190


@guide("wire 3: a user token lives for an hour or two, a long-lived one for 60 days")
def test_user_tokens_end_and_an_ended_one_is_not_exchanged(john, sandbox):
    asked = {"grant_type": "fb_exchange_token", "client_id": MOVIE_APP, "client_secret": john.secret}
    short = {**asked, "fb_exchange_token": john.token}
    long_lived = send(sandbox, "GET", "/v26.0/oauth/access_token", query=short).body["access_token"]
    sandbox.control("clock", {"ahead": 7300})

    assert (john.get("me").error["code"], john.get("me").error["error_subcode"]) == (190, 463)
    assert send(sandbox, "GET", "/v26.0/oauth/access_token", query=short).error["code"] == 190
    john.token = long_lived
    assert john.get("me").status == 200
    sandbox.control("clock", {"ahead": 61 * 86400})
    assert john.get("me").error["error_subcode"] == 463


@guide("wire 3: each kind of token lives and dies by itself")
def test_a_refused_app_token_leaves_the_users_alone(john, sandbox):
    sandbox.control("tokens", {"token_of": {"app": MOVIE_APP}, "refuse": {"code": 190, "subcode": 463}})
    assert john.get("me").status == 200

    sandbox.control("tokens", {"token_of": {"user": ASID}, "refuse": {"code": 190, "subcode": 458}})

    assert john.get("me").error["error_subcode"] == 458


@guide("wire 3: fb_exchange_token")
def test_a_short_lived_token_is_exchanged_for_a_long_lived_one(john, sandbox):
    asked = {"grant_type": "fb_exchange_token", "client_id": MOVIE_APP, "client_secret": john.secret}

    told = send(sandbox, "GET", "/v26.0/oauth/access_token", query={**asked, "fb_exchange_token": john.token}).body

    assert (told["token_type"], told["expires_in"]) == ("bearer", 5183944)
    assert told["access_token"] != john.token
    john.token = told["access_token"]
    assert john.get("me", fields="name").body["name"] == "John Smith"
    refused = send(sandbox, "GET", "/oauth/access_token", query={**asked, "fb_exchange_token": "nonsense"})
    assert refused.error["code"] == 190


@guide("wire 3.1: debug_token of a user token")
def test_debug_token_of_a_user_token_names_the_user(john, sandbox):
    caller = Caller(sandbox, "JohnsMovieApp")

    told = caller.get("debug_token", proof=False, input_token=john.token).body["data"]

    assert (told["type"], told["user_id"], told["app_id"], told["is_valid"]) == ("USER", ASID, MOVIE_APP, True)
    assert told["expires_at"] < told["data_access_expires_at"]
    assert "issued_at" not in told
