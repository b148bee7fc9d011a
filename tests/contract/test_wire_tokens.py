"""The wire contract, sections 2 to 4: proofs, tokens, errors; and batches and many IDs at once (6)."""

import json

import pytest

from lookups.sandbox.world.proofs import proof_fits
from tests.contract.wire import ASID, GAME_ASID, PAGE, PSID, Caller, proof_of, send

guide = pytest.mark.guide


@guide("wire 2: test vectors")
@pytest.mark.parametrize(
    ("token", "seconds", "proof"),
    [
        ("EAAB-page-token", None, "d30a58d83dd3d0d40c6331195509943b76d787bf147fc3ce9a6ff071e84269f3"),
        ("1419232575008550|app-secret-1", None, "e555424fbb7c30770ab201e8762f60ac704b372d31e45767d6b42066366d4c93"),
        ("EAAB-page-token", 1764000000, "b695e913f7fbec3a838455c081ebd9e5ba39c16d24a4212efd429dcc2ea6d799"),
    ],
)
def test_proofs_are_those_of_the_contract(monkeypatch, token, seconds, proof):
    monkeypatch.setattr("lookups.sandbox.world.proofs.time.time", lambda: 1764000000.0)

    assert proof_of(token, "app-secret-1", seconds) == proof
    assert proof_fits(token, "app-secret-1", proof, "" if seconds is None else str(seconds))
    assert not proof_fits(token, "app-secret-1", proof.upper(), "" if seconds is None else str(seconds))


@guide("wire 2: a token that can't be used goes before the proof")
def test_a_bad_token_is_named_before_a_bad_proof(app):
    app.token = "nonsense"

    assert app.get(f"{ASID}/ids_for_pages", appsecret_proof="wrong").error["code"] == 190


@guide("wire 2: a proof of another token")
def test_the_proof_of_another_token_is_wrong(app, page):
    assert "Invalid appsecret_proof" in app.get(f"{ASID}/ids_for_pages", appsecret_proof=page.proof).error["message"]


@guide("wire 3: where the token goes")
@pytest.mark.parametrize("scheme", ["Bearer", "OAuth"])
def test_token_may_stand_in_a_header(app, sandbox, scheme):
    headers = {"Authorization": f"{scheme} {app.token}"}

    assert send(sandbox, "GET", ASID, query={"fields": "name"}, headers=headers).status == 200


@guide("wire 3: a parameter goes before the header")
def test_token_parameter_goes_before_the_header(app, page, sandbox):
    headers = {"Authorization": f"Bearer {page.token}"}

    assert send(sandbox, "GET", ASID, query={"access_token": app.token}, headers=headers).status == 200


@guide("wire 3: token in a form or in JSON, with the method overridden")
def test_token_may_stand_in_a_body(app, sandbox):
    asked = {"access_token": app.token, "method": "get", "fields": "name"}

    assert send(sandbox, "POST", ASID, form=asked).body["name"] == "John Smith"
    assert send(sandbox, "POST", ASID, json_body=asked).body["name"] == "John Smith"


@guide("wire 3: no token")
def test_without_a_token_graph_asks_for_one(sandbox):
    reply = send(sandbox, "GET", ASID)

    assert (reply.status, reply.error["code"]) == (400, 104)
    assert reply.error["message"] == "An access token is required to request this resource."


@guide("wire 3: app token by client_credentials, and as ID|secret")
def test_app_token_is_given_for_id_and_secret(app, sandbox):
    asked = {"client_id": "259773517400382", "client_secret": app.secret, "grant_type": "client_credentials"}
    told = send(sandbox, "GET", "/oauth/access_token", query=asked).body

    assert told == {"access_token": app.token, "token_type": "bearer"}
    app.token = f"259773517400382|{app.secret}"
    assert app.get(f"{ASID}/ids_for_pages").status == 200


@guide("wire 3: a wrong client secret")
def test_app_token_is_refused_for_a_wrong_secret(sandbox):
    asked = {"client_id": "259773517400382", "client_secret": "x", "grant_type": "client_credentials"}

    assert send(sandbox, "POST", "/v26.0/oauth/access_token", form=asked).error["code"] == 1


@guide("wire 3.1: debug_token of an app, of a Page, of garbage")
def test_debug_token_tells_what_a_token_is(app, page):
    of_app = app.get("debug_token", proof=False, input_token=app.token).body["data"]
    of_page = app.get("debug_token", proof=False, input_token=page.token).body["data"]
    of_garbage = app.get("debug_token", proof=False, input_token="x").body["data"]

    assert (of_app["type"], of_app["app_id"], of_app["is_valid"]) == ("APP", "259773517400382", True)
    assert "expires_at" not in of_app
    assert "user_id" not in of_app
    assert (of_page["type"], of_page["profile_id"], of_page["expires_at"]) == ("PAGE", PAGE, 0)
    assert of_garbage == {
        "error": {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"},
        "is_valid": False,
        "scopes": [],
    }


@guide("wire 3.1: debug_token of a refused token has `subcode`, not error_subcode")
def test_debug_token_of_a_dead_token_tells_why(app, page, sandbox):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "refuse": {"code": 190, "subcode": 460}})

    told = app.get("debug_token", proof=False, input_token=page.token).body["data"]

    assert (told["is_valid"], told["error"]["code"], told["error"]["subcode"]) == (False, 190, 460)


@guide("wire 3.1: who may ask debug_token")
def test_debug_token_is_refused_without_an_app_token(page, sandbox):
    for reply in (page.get("debug_token", input_token="x"), send(sandbox, "GET", "debug_token")):
        assert (reply.status, reply.error["code"]) == (400, 100)
        assert "You must provide an app access token" in reply.error["message"]


@guide("wire 4: 190 with each subcode")
@pytest.mark.parametrize("subcode", [458, 459, 460, 463, 464, 466, 467, 492])
def test_a_refused_token_says_so_with_its_subcode(page, sandbox, subcode):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "refuse": {"code": 190, "subcode": subcode}})

    reply = page.get(f"{PSID}/ids_for_pages")

    assert (reply.status, reply.error["code"], reply.error["error_subcode"]) == (400, 190, subcode)
    assert reply.error["message"].startswith("Error validating access token:" if subcode != 492 else "The user must be")


@guide("wire 4: 100/33, unknown ID")
def test_an_unknown_id_is_told_like_one_that_is_not_visible(app):
    unknown, others = app.get("424242/ids_for_apps"), app.get(f"{PSID}/ids_for_apps")

    for reply in (unknown, others):
        assert (reply.error["code"], reply.error["error_subcode"]) == (100, 33)
        assert reply.error["type"] == "GraphMethodException"
        assert reply.error["message"].startswith("Unsupported get request. Object with ID '")


@guide("wire 4: 803, not a number")
@pytest.mark.parametrize("text", ["abc", "12a", "１２３", "-1"])
def test_what_is_no_number_is_an_alias_that_does_not_exist(app, text):
    reply = app.get(f"{text}/ids_for_apps")

    assert (reply.status, reply.error["code"]) == (404, 803)


@guide("wire 6.1: a batch")
def test_batch_answers_in_order_each_item_judged_alone(page):
    reply = page.batch(f"{PSID}/ids_for_apps", "424242/ids_for_apps", f"{PSID}?fields=name")

    assert [item["code"] for item in reply.body] == [200, 400, 200]
    assert json.loads(reply.body[2]["body"]) == {"name": "John Smith", "id": PSID}
    assert {"name", "value"} == set(reply.body[0]["headers"][0])


@guide("wire 6.1: include_headers=false")
def test_batch_headers_can_be_left_out(page):
    assert "headers" not in page.batch(PSID, include_headers="false").body[0]


@guide("wire 6.1: JSON batch, leading slash, own version, own token and proof")
def test_batch_items_may_carry_their_own_token_and_proof(app, page, sandbox):
    own = f"/v25.0/{ASID}/ids_for_pages?access_token={app.token.replace('|', '%7C')}"
    items = [
        {"method": "GET", "relative_url": f"{own}&appsecret_proof={app.proof}"},
        {"method": "GET", "relative_url": own},
    ]
    body = {"access_token": page.token, "appsecret_proof": page.proof, "batch": items}

    right, inherited = send(sandbox, "POST", "/v26.0", json_body=body).body

    assert right["code"] == 200
    assert "Invalid appsecret_proof" in inherited["body"], "the outer proof is not that of the item's token"


@guide("wire 6.1: fifty and no more")
def test_fifty_items_are_taken_and_fifty_one_refused(page):
    assert len(page.batch(*[PSID] * 50).body) == 50
    assert "Maximum batch size is 50" in page.batch(*[PSID] * 51).error["message"]


@guide("wire 6.1: the outer token is mandatory")
def test_batch_without_an_outer_token_is_refused(app, sandbox):
    items = json.dumps([{"method": "GET", "relative_url": f"{ASID}?access_token={app.token}"}])

    assert send(sandbox, "POST", "/", form={"batch": items}).error["code"] == 104


@guide("wire 6.2: many IDs at once, of nodes and of edges")
def test_ids_gives_an_object_by_id(app):
    nodes = app.get("/v26.0/", ids=f"{ASID},66001234567", fields="name").body
    edges = app.get("/v26.0/ids_for_apps", ids=ASID).body

    assert {node_id: told["name"] for node_id, told in nodes.items()} == {
        ASID: "John Smith",
        "66001234567": "Omar Haddad",
    }
    assert [row["id"] for row in edges[ASID]["data"]] == [GAME_ASID, ASID]


@guide("wire 6.2: one bad ID fails the whole; fifty-one are too many")
def test_ids_fails_as_a_whole(app):
    assert app.get("/", ids=f"{ASID},424242").error["error_subcode"] == 33
    assert app.get("/", ids=",".join([ASID] * 51)).error["code"] == 100


@guide("wire 1: ids_for_business gives the rows of ids_for_apps")
def test_ids_for_business_is_as_ids_for_apps(app):
    assert app.get(f"{ASID}/ids_for_business").ids == app.get(f"{ASID}/ids_for_apps").ids


@guide("wire 1: not in one business")
def test_apps_and_pages_of_two_businesses_never_meet(sandbox):
    linh = Caller(sandbox, "North Harbour Login").get("1457183521", fields="ids_for_apps,ids_for_pages").body

    owned = {asset["id"] for asset in _assets(sandbox, "North Harbour Travel")}
    assert {row["app"]["id"] for row in linh["ids_for_apps"]["data"]} <= owned
    assert {row["page"]["id"] for row in linh["ids_for_pages"]["data"]} <= owned


def _assets(sandbox, business_name):
    business = next(b for b in sandbox.world["businesses"] if b["name"] == business_name)
    return [*business["apps"], *business["pages"]]
