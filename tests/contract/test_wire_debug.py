"""The wire contract, 3.1: what debug_token tells of every kind of token, and of what has become of it."""

import pytest

from tests.contract.wire import ASID, GAME_APP, MOVIE_APP, PAGE, PSID, Caller, Reply, send

guide = pytest.mark.guide
RIGHTS = "(#100) You must provide an app access token, or a user access token that is an owner or developer of the app"
SCRAMBLED = {
    "nonsense": "Invalid OAuth access token - Cannot parse access token",
    "EAABnonsense": "The access token could not be decrypted",
    f"{MOVIE_APP}|nonsense": "Invalid OAuth access token signature.",
    "424242|nonsense": "Error validating application. Cannot get application info due to a system error.",
}
CAUSES = [
    ("password changed", 460, "The session has been invalidated because the user changed their password"),
    ("app removed", 458, "The user has not authorized application"),
    ("role lost", 492, "The user must be an administrator, editor, or moderator of the page"),
    ("permission removed", None, "permission(s) must be granted before impersonating a user's page."),
    ("expired", 463, "Session has expired on "),
]


def told_of(caller: Caller, token: str) -> dict:
    return caller.get("debug_token", proof=False, input_token=token).body["data"]


def login(sandbox) -> str:
    return sandbox.control("login", {"app": MOVIE_APP, "asid": ASID})["access_token"]


@guide("wire 3.1: an app may ask of its own tokens only")
def test_an_app_is_told_of_its_own_tokens_only(app, game, page):
    reply = game.get("debug_token", input_token=page.token)

    assert told_of(app, page.token)["is_valid"] is True
    assert (reply.status, reply.error["code"], reply.error["message"]) == (400, 100, RIGHTS)
    assert game.get("debug_token", input_token=app.token).error["message"] == RIGHTS


@guide("wire 3.1: the error for another app's token may have words of its own")
def test_another_apps_token_may_be_named_as_such(turned):
    sandbox = turned("foreign_tokens_are_named=on")
    page = Caller(sandbox, "John's Next Great Thing")

    reply = Caller(sandbox, "John's Game App").get("debug_token", input_token=page.token)

    assert (reply.status, reply.error["code"]) == (400, 100)
    assert reply.error["message"] == "(#100) The App_id in the input_token did not match the Viewing App"


@guide("wire 3.1: the texts for garbage")
@pytest.mark.parametrize(("text", "message"), SCRAMBLED.items())
def test_garbage_is_told_by_what_it_looks_like(app, sandbox, text, message):
    used = send(sandbox, "GET", ASID, query={"access_token": text})

    error = {"code": 190, "message": message}
    assert told_of(app, text) == {"error": error, "is_valid": False, "scopes": []}
    assert (used.status, used.error["code"], used.error["message"]) == (400, 190, message)


@guide("wire 3.1: no input_token")
def test_debug_token_must_be_told_which_token(app):
    reply = app.get("debug_token")

    assert (reply.status, reply.error["code"]) == (400, 100)
    assert reply.error["message"] == "(#100) The parameter input_token is required"


@guide("wire 4: why a Page token may have died")
@pytest.mark.parametrize(("cause", "subcode", "words"), CAUSES)
def test_a_page_token_dies_of_each_cause(app, page, sandbox, cause, subcode, words):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "because": cause})

    told, used = told_of(app, page.token), page.get(f"{PSID}/ids_for_pages").error

    assert (told["is_valid"], told["type"], told["profile_id"]) == (False, "PAGE", PAGE)
    assert (told["error"]["code"], told["error"].get("subcode")) == (190, subcode)
    assert words in told["error"]["message"]
    assert (used["code"], used.get("error_subcode"), used["message"]) == (190, subcode, told["error"]["message"])


@guide("wire 4: 190/463 names both moments, by the sandbox's clock")
def test_an_expired_token_tells_when_it_ended(app, page, sandbox):
    now = sandbox.control("clock", {"ahead": 0})["now"]
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "ends_in": 1668613551 - now})

    message = told_of(app, page.token)["error"]["message"]

    assert "Session has expired on Wednesday, 16-Nov-22 07:45:5" in message
    assert " PST. The current time is " in message
    assert told_of(app, page.token)["expires_at"] in (1668613550, 1668613551)


@guide("wire 3: data access ends while the token lives on")
def test_data_access_ends_before_the_token(app, page, sandbox):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "data_access_ends_in": 3600})
    assert page.get(PSID).status == 200

    now = sandbox.control("clock", {"ahead": 3601})["now"]

    told, used = told_of(app, page.token), page.get(PSID).error
    assert (told["is_valid"], told["expires_at"]) == (True, 0)
    assert told["data_access_expires_at"] < now
    assert (used["code"], used["error_subcode"]) == (190, 493)


@guide("wire 9: whoever removes an app takes his token with him")
def test_a_user_who_removes_the_app_ends_his_token(app, sandbox):
    token = login(sandbox)
    assert told_of(app, token)["is_valid"] is True

    sandbox.control("people", {"uninstall": {"asset": MOVIE_APP, "id": ASID}})

    assert (told_of(app, token)["is_valid"], told_of(app, token)["error"]["subcode"]) == (False, 458)
    assert send(sandbox, "GET", "me", query={"access_token": token}).error["error_subcode"] == 458


@guide("wire 3: a reset secret ends the app's tokens")
def test_after_a_reset_secret_the_old_app_tokens_have_no_signature(app, sandbox):
    old = [app.token, f"{MOVIE_APP}|{app.secret}"]
    app.token = sandbox.control("secrets", {"app": MOVIE_APP})["token"]

    assert {told_of(app, token)["error"]["message"] for token in old} == {"Invalid OAuth access token signature."}
    assert told_of(app, app.token)["type"] == "APP"


@guide("wire 3.1: permissions that a token lacks")
def test_a_page_token_may_lack_a_permission(app, page, sandbox):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "scopes": ["pages_show_list"]})

    reply = page.get(f"{PSID}/ids_for_apps")

    assert told_of(app, page.token)["scopes"] == ["pages_show_list"]
    assert told_of(app, page.token)["granular_scopes"] == [{"scope": "pages_show_list", "target_ids": [PAGE]}]
    assert (reply.status, reply.error["code"]) == (403, 230)
    assert reply.error["message"] == "(#230) Requires pages_messaging permission to manage the object"
    assert page.get(PAGE, fields="name").status == 200


@guide("wire 3: a token that is refused becomes valid again")
def test_a_token_can_be_made_whole(app, page, sandbox):
    of_page = {"token_of": {"page": PAGE}}
    for told in ({"because": "role lost"}, {"ends_in": 0}, {"data_access_ends_in": 0}, {"scopes": []}):
        sandbox.control("tokens", of_page | told)
    assert page.get(PSID).status == 400

    sandbox.control("tokens", of_page | {"refuse": None})

    assert page.get(PSID).status == 200
    assert told_of(app, page.token)["is_valid"] is True


@guide("wire 4: 102")
def test_code_102_has_its_own_words(page, sandbox):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "refuse": {"code": 102}})

    reply = page.get(PSID)

    assert (reply.error["code"], reply.error["message"]) == (102, "Session key invalid or no longer valid")
    assert '"invalid_token"' in reply.headers["www-authenticate"]


@guide("wire 1.6: the word in WWW-Authenticate")
@pytest.mark.parametrize(("path", "word"), [("nobody", "not_found"), ("424242", "invalid_request")])
def test_errors_have_a_word_in_a_header(app, path, word):
    assert f'"{word}"' in app.get(path).headers["www-authenticate"]


@guide("wire 1, row 1: a Page token made by an app that does not manage the Page")
def test_a_page_token_of_another_app_joins_no_apps(game, sandbox):
    system = _system_token(sandbox, GAME_APP)
    rows = send(sandbox, "GET", "me/accounts", query={"access_token": system}).body["data"]
    game.token = next(row["access_token"] for row in rows if row["id"] == PAGE)

    assert (told_of(Caller(sandbox, "John's Game App"), game.token)["profile_id"]) == PAGE
    assert game.get(f"{PSID}/ids_for_apps").body == {"data": []}
    assert game.get(f"{PSID}/ids_for_pages").ids == [PSID]


@guide("wire 3: POST /{business}/access_token")
def test_a_system_user_gets_a_token_for_another_app(game, sandbox):
    token = _system_token(sandbox, GAME_APP)

    told = told_of(game, token)

    assert (told["type"], told["app_id"], told["is_valid"]) == ("SYSTEM_USER", GAME_APP, True)
    assert told_of(game, token[:-1] + "x")["error"]["message"] == "The access token could not be decrypted"
    assert _make_system_token(sandbox, "601926256515072").error["error_subcode"] == 33
    assert _make_system_token(sandbox, "").error["message"] == "(#100) The parameter app_id is required"


def _make_system_token(sandbox, app_id: str) -> Reply:
    johns = next(one for one in sandbox.world["businesses"] if one["name"] == "John's Entertainment")
    form = {"access_token": johns["system_token"], "app_id": app_id, "scope": "pages_messaging"}
    return send(sandbox, "POST", f"{johns['id']}/access_token", form=form)


def _system_token(sandbox, app_id: str) -> str:
    return _make_system_token(sandbox, app_id).body["access_token"]
