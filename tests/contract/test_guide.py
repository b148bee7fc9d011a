"""Meta's ID Matching guide, sentence by sentence and example by example, on the wire."""

import pytest

from tests.contract.wire import (
    ASID,
    GAME_APP,
    GAME_ASID,
    GAME_ROW,
    MOVIE_APP,
    MOVIE_ROW,
    PAGE,
    PAGE_ROW,
    PSID,
    Caller,
)

REVIEW = "(#200) Your business is currently going through review to access this API."
guide = pytest.mark.guide


def psid_of(sandbox, name, page_name):
    """The PSID by which a Page of John's business knows somebody."""
    people = sandbox.world["businesses"][0]["people"]
    return next(one for one in people if one["name"] == name)["pages"][sandbox.asset(page_name)["id"]]


@guide("introduction: an app-scoped ID is created for the specific app")
def test_every_app_knows_john_by_an_id_of_its_own(page):
    rows = page.get(f"{PSID}/ids_for_apps").body["data"]

    assert {row["app"]["id"]: row["id"] for row in rows} == {MOVIE_APP: ASID, GAME_APP: GAME_ASID}


@guide("introduction: you won't see app-scoped IDs for users that haven't signed in with your app")
def test_an_app_john_never_signed_in_to_is_not_among_the_rows(page):
    rows = page.get(f"{PSID}/ids_for_apps").body["data"]

    assert "John's Instant Quiz" not in [row["app"]["name"] for row in rows]


@guide("use case 1, example 1")
def test_psid_to_all_apps(page):
    assert page.get(f"{PSID}/ids_for_apps").body["data"] == [GAME_ROW, MOVIE_ROW]


@guide("use case 1, example 2")
def test_psid_to_one_app(page):
    assert page.get(f"{PSID}/ids_for_apps", app=GAME_APP).body["data"] == [GAME_ROW]


@guide("use case 1, example 2: the app ID given there names no app of the example")
def test_psid_to_the_guides_own_filter_is_an_empty_answer(page):
    reply = page.get(f"{PSID}/ids_for_apps", app="10152368852405295")

    assert (reply.status, reply.body) == (200, {"data": []})


@guide("use case 1, requirements: a page access token")
def test_psid_to_apps_with_an_app_access_token_is_refused(app):
    reply = app.get(f"{PSID}/ids_for_apps")

    assert (reply.status, reply.error["code"], reply.error["error_subcode"]) == (400, 100, 33)


@guide("use case 1, requirements: an appsecret_proof")
def test_psid_to_apps_without_a_proof_is_refused(page):
    reply = page.get(f"{PSID}/ids_for_apps", proof=False)

    assert reply.error["message"] == "API calls from the server require an appsecret_proof argument"


@guide("use case 1, requirements: generated using the app that manages the Page")
def test_psid_to_apps_with_another_apps_proof_is_refused(page, game):
    page.secret = game.secret

    assert page.get(f"{PSID}/ids_for_apps").error["message"] == ("Invalid appsecret_proof provided in the API argument")


@guide("use case 1, requirements: owned by the same business")
def test_psid_to_an_app_of_another_business_is_an_empty_answer(page, sandbox):
    other = sandbox.asset("North Harbour Login")

    assert page.get(f"{PSID}/ids_for_apps", app=other["id"]).body == {"data": []}


@guide("use case 1, requirements: the user must have installed the app making the request")
def test_psid_to_apps_of_somebody_without_the_asking_app_is_empty(sandbox):
    psid = psid_of(sandbox, "Mai Tran", "John's Game Help")

    reply = Caller(sandbox, "John's Game Help").get(f"{psid}/ids_for_apps")

    assert (reply.status, reply.body) == (200, {"data": []})


@guide("use case 2, example 1")
def test_asid_to_all_pages(app):
    assert app.get(f"{ASID}/ids_for_pages").body["data"] == [PAGE_ROW]


@guide("use case 2, example 2")
def test_asid_to_one_page(app):
    assert app.get(f"{ASID}/ids_for_pages", page=PAGE).body["data"] == [PAGE_ROW]


@guide("use case 2, example 2: another Page")
def test_asid_to_a_page_john_never_wrote_to_is_empty(app, sandbox):
    assert app.get(f"{ASID}/ids_for_pages", page=sandbox.asset("John's Fan Club")["id"]).body == {"data": []}


@guide("use case 2, requirements: an appsecret_proof")
def test_asid_to_pages_without_a_proof_is_refused(app):
    assert "require an appsecret_proof" in app.get(f"{ASID}/ids_for_pages", proof=False).error["message"]


@guide("use case 2, requirements: the app that the ID is scoped to")
def test_asid_to_pages_with_the_token_of_another_app_is_refused(game):
    assert game.get(f"{ASID}/ids_for_pages").error["error_subcode"] == 33


@guide("use case 3, example 1")
def test_asid_to_all_apps_needs_no_proof(app):
    assert app.get(f"{ASID}/ids_for_apps", proof=False).body["data"] == [GAME_ROW, MOVIE_ROW]


@guide("use case 3, example 2")
def test_asid_to_one_app(app):
    assert app.get(f"{ASID}/ids_for_apps", proof=False, app=GAME_APP).body["data"] == [GAME_ROW]


@guide("use case 3, requirements: the app that the ID is scoped to")
def test_asid_to_apps_with_the_token_of_another_app_is_refused(game):
    assert game.get(f"{ASID}/ids_for_apps").error["error_subcode"] == 33


@guide("use case 4, example 1")
def test_psid_to_all_pages(page):
    assert page.get(f"{PSID}/ids_for_pages").body["data"] == [PAGE_ROW]


@guide("use case 4, example 2, spelt as the reference has it")
def test_psid_to_one_page(page):
    assert page.get(f"{PSID}/ids_for_pages", page=PAGE).body["data"] == [PAGE_ROW]


@guide("use case 4, example 2, spelt `app=` as the guide has it")
def test_psid_to_one_page_by_the_guides_own_spelling(sandbox):
    help_page = sandbox.asset("John's Game Help")["id"]
    psid = psid_of(sandbox, "Mai Tran", "John's Fan Club")

    reply = Caller(sandbox, "John's Fan Club").get(f"{psid}/ids_for_pages", app=help_page)

    assert reply.ids == [psid_of(sandbox, "Mai Tran", "John's Game Help")]


@guide("use case 4, requirements: a page access token of that Page")
def test_psid_to_pages_with_the_token_of_another_page_is_refused(sandbox):
    assert Caller(sandbox, "John's Fan Club").get(f"{PSID}/ids_for_pages").error["error_subcode"] == 33


@guide("example query: associated IDs from an ID for an app, with a proof and as the sample has it, without")
@pytest.mark.parametrize("proof", [True, False])
def test_combined_query_of_an_asid(app, proof):
    told = app.get(ASID, proof=proof, fields="name,age_range,ids_for_apps,ids_for_pages").body

    assert list(told) == ["name", "age_range", "ids_for_apps", "ids_for_pages", "id"]
    assert (told["name"], told["age_range"], told["id"]) == ("John Smith", {"min": 21}, ASID)
    assert told["ids_for_apps"]["data"] == [GAME_ROW, MOVIE_ROW]
    assert told["ids_for_pages"]["data"] == [PAGE_ROW]
    assert set(told["ids_for_apps"]["paging"]) == {"cursors"}


@guide("example query: associated IDs from an ID for a bot in Messenger")
def test_combined_query_of_a_psid(page):
    told = page.get(PSID, fields="name,is_payment_enabled,ids_for_apps,ids_for_pages").body

    assert (told["name"], told["is_payment_enabled"]) == ("John Smith", True)
    assert told["ids_for_apps"]["data"] == [GAME_ROW, MOVIE_ROW]
    assert told["ids_for_pages"]["data"] == [PAGE_ROW]
    assert told["id"] == PSID, "the sample's root ID is a misprint: the ID asked for comes back"


@guide("example rows: keys in the order of the sample")
def test_rows_have_the_samples_keys_in_the_samples_order(page):
    game_row, movie_row = page.get(f"{PSID}/ids_for_apps").body["data"]

    assert list(game_row["app"]) == ["category", "link", "name", "id"]
    assert list(movie_row["app"]) == ["link", "name", "namespace", "id"]


@guide("policy: your API requests return an error message")
@pytest.mark.parametrize("edge", ["ids_for_apps", "ids_for_pages"])
def test_a_business_under_review_gets_the_guides_message(sandbox, edge):
    lab = Caller(sandbox, "Quiet Lab Bot")

    reply = lab.get(f"3456789013/{edge}")

    assert (reply.status, reply.error["code"], reply.error["type"]) == (403, 200, "OAuthException")
    assert reply.error["message"] == REVIEW
    assert "error_subcode" not in reply.error


@guide("policy: in a combined query and in a batch")
def test_a_review_refuses_combined_queries_and_batch_items_alike(sandbox):
    lab = Caller(sandbox, "Quiet Lab Bot")

    assert lab.get("3456789013", fields="name,ids_for_apps").error["message"] == REVIEW
    item = lab.batch("3456789013/ids_for_apps").body[0]
    assert item["code"] == 403
    assert REVIEW in item["body"]


@guide("policy: other businesses are not concerned")
def test_a_review_of_one_business_leaves_others_alone(page):
    assert page.get(f"{PSID}/ids_for_apps").status == 200
