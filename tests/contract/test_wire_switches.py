"""What Meta's guide leaves open (wire contract, 12): the default of each switch, and its other setting."""

import json
import urllib.parse

import pytest

from tests.contract.wire import ASID, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, send

guide = pytest.mark.guide
FAN_PAGE = "380374449010777"


@guide("wire 1.1: use case 4 needs a proof")
def test_proof_of_use_case_4(page, turned):
    lenient = Caller(turned("proof_for_psid_to_pages=off"), "John's Next Great Thing")

    assert page.get(f"{PSID}/ids_for_pages", proof=False).status == 400
    assert lenient.get(f"{PSID}/ids_for_pages", proof=False).status == 200


@guide("wire 12.3: whether use case 3 needs a proof today")
def test_proof_of_use_case_3(app, turned):
    strict = Caller(turned("proof_for_asid_to_apps=on"), "JohnsMovieApp")

    assert app.get(f"{ASID}/ids_for_apps", proof=False).status == 200
    assert strict.get(f"{ASID}/ids_for_apps", proof=False).status == 400
    assert strict.get(f"{ASID}/ids_for_apps").status == 200


@guide("wire 1.1: a combined query that holds ids_for_pages may need a proof")
def test_proof_of_a_combined_query_of_an_asid(app, turned):
    strict = Caller(turned("proof_for_combined_asid=on"), "JohnsMovieApp")

    assert app.get(ASID, proof=False, fields="name,ids_for_pages").status == 200
    assert strict.get(ASID, proof=False, fields="name,ids_for_pages").status == 400
    assert strict.get(ASID, proof=False, fields="name,ids_for_apps").status == 200


@guide("wire 2: the app setting Require App Secret")
def test_with_require_app_secret_every_lookup_needs_a_proof(turned):
    app = Caller(turned("require_app_secret=on"), "JohnsMovieApp")

    assert "require an appsecret_proof" in app.get(f"{ASID}/ids_for_apps", proof=False).error["message"]
    assert app.get(f"{ASID}/ids_for_apps").status == 200


@guide("wire 12.12: which of two tokens counts")
def test_precedence_of_the_token_in_the_header(sandbox, turned):
    def asked(where) -> int:
        caller = Caller(where, "JohnsMovieApp")
        headers = {"Authorization": "Bearer nonsense"}
        return send(where, "GET", ASID, query={"access_token": caller.token}, headers=headers).status

    assert asked(sandbox) == 200
    assert asked(turned("header_token_first=on")) == 400


@guide("wire 12.10: HTTP status of a refused token")
@pytest.mark.parametrize("status", [401, 403])
def test_status_of_a_refused_token(turned, status):
    sandbox = turned(f"token_status={status}")
    sandbox.control("tokens", {"token_of": {"app": MOVIE_APP}, "refuse": {"code": 190, "subcode": 463}})

    expired = Caller(sandbox, "JohnsMovieApp").get(ASID)
    garbage = send(sandbox, "GET", ASID, query={"access_token": "nonsense"})

    assert [(one.status, one.error["code"]) for one in (expired, garbage)] == [(status, 190)] * 2


@guide("wire 12.1: HTTP status of the review's answer")
@pytest.mark.parametrize(("settings", "status"), [([], 403), (["review_status=400"], 400)])
def test_status_of_a_review(turned, settings, status):
    sandbox = turned(*settings)
    sandbox.control("reviews", {"business": sandbox.asset("JohnsMovieApp")["business"], "under_review": True})

    reply = Caller(sandbox, "JohnsMovieApp").get(f"{ASID}/ids_for_apps")

    assert (reply.status, reply.error["code"]) == (status, 200)
    assert reply.error["message"] == "(#200) Your business is currently going through review to access this API."


@guide("wire 12.1: a review of one edge, or of all")
@pytest.mark.parametrize(("what", "statuses"), [
    ("edges", (403, 403, 200)), ("ids_for_apps", (403, 200, 200)), ("ids_for_pages", (200, 403, 200)),
    ("node", (403, 403, 403)),
])  # fmt: skip
def test_a_review_may_concern_one_edge(turned, what, statuses):
    sandbox = turned(f"reviewed_edges={what}")
    sandbox.control("reviews", {"business": sandbox.asset("JohnsMovieApp")["business"], "under_review": True})
    app = Caller(sandbox, "JohnsMovieApp")

    assert tuple(app.get(path).status for path in (f"{ASID}/ids_for_apps", f"{ASID}/ids_for_pages", ASID)) == statuses


@guide("wire 11: not installed may be an error")
def test_a_person_without_the_asking_app_can_be_made_an_error(sandbox, turned):
    strict = Caller(turned("not_installed_is_an_error=on"), "John's Game Help")

    assert Caller(sandbox, "John's Game Help").get("88001234568/ids_for_apps").body == {"data": []}
    error = strict.get("88001234568/ids_for_apps").error
    assert (error["code"], error["error_subcode"]) == (100, 33)


@guide("wire 12.2: whether ids_for_pages holds the asking Page")
def test_own_page_among_the_rows(page, turned):
    without = Caller(turned("own_page_among_rows=off"), "John's Next Great Thing")

    assert PSID in page.get(f"{PSID}/ids_for_pages").ids
    assert PSID not in without.get(f"{PSID}/ids_for_pages").ids
    assert ASID in without.get(f"{PSID}/ids_for_apps").ids


@guide("wire 1.2: a node leaves out an edge without rows")
def test_an_edge_without_rows_is_left_out_of_a_node(sandbox, turned):
    told = Caller(sandbox, "John's Game App").get("10150000000000017", fields="name,ids_for_pages").body
    given = Caller(turned("leave_out_empty_edges=off"), "John's Game App")

    assert "ids_for_pages" not in told
    assert given.get("10150000000000017", fields="ids_for_pages").body["ids_for_pages"] == {"data": []}


@guide("wire 1.4: rows have no order that could be relied on")
def test_rows_may_come_shuffled(app, turned):
    shuffled = turned("shuffle_rows=on")
    people = [person["apps"] for business in shuffled.world["businesses"] for person in business["people"]]
    caller = Caller(shuffled, "JohnsMovieApp")

    orders = [caller.get(f"{ids[MOVIE_APP]}/ids_for_apps").ids for ids in people if MOVIE_APP in ids]

    assert any(order != sorted(order) for order in orders)
    assert sorted(caller.get(f"{ASID}/ids_for_apps").ids) == app.get(f"{ASID}/ids_for_apps").ids


@guide("wire 12.4: page size and its cap")
def test_page_size_and_its_cap(app, turned):
    small = Caller(turned("page_size=1", "most_rows=1"), "JohnsMovieApp")

    assert app.get(f"{ASID}/ids_for_apps").ids == [GAME_ASID, ASID]
    assert small.get(f"{ASID}/ids_for_apps").ids == [GAME_ASID]
    assert small.get(f"{ASID}/ids_for_apps", limit=50).ids == [GAME_ASID]


@guide("wire 12.6: the guide's own filter of Pages")
def test_the_guides_filter_of_pages(app, turned):
    as_unknown = Caller(turned("guides_page_filter=off"), "JohnsMovieApp")

    assert app.get(f"{ASID}/ids_for_pages", app=PAGE).ids == [PSID]
    assert app.get(f"{ASID}/ids_for_pages", app=FAN_PAGE).ids == []
    assert as_unknown.get(f"{ASID}/ids_for_pages", app=FAN_PAGE).ids == [PSID]


@guide("wire 12.6: a filter that names no asset of the business")
def test_a_foreign_filter(app, turned):
    strict = Caller(turned("foreign_filter_is_an_error=on"), "JohnsMovieApp")

    assert app.get(f"{ASID}/ids_for_apps", app="424242").body == {"data": []}
    assert strict.get(f"{ASID}/ids_for_apps", app="424242").error["error_subcode"] == 33
    assert strict.get(f"{ASID}/ids_for_apps", app=MOVIE_APP).ids == [ASID]


@guide("wire 12.5: a bad ID among ids=")
def test_a_bad_id_among_many(app, turned):
    lenient = Caller(turned("bad_ids_are_left_out=on"), "JohnsMovieApp")

    assert app.get("/v26.0/", ids=f"{ASID},424242").status == 400
    assert list(lenient.get("/v26.0/", ids=f"{ASID},424242").body) == [ASID]


@guide("wire 4: code 12, an edge asked without a version")
def test_edges_may_need_a_version(app, turned):
    strict = Caller(turned("version_needed=on"), "JohnsMovieApp")

    assert app.get(f"/{ASID}/ids_for_apps").status == 200
    assert strict.get(f"/{ASID}/ids_for_apps").error["message"] == "(#12) ids_for_apps requires version v2.9 or higher"
    assert strict.get(f"{ASID}/ids_for_apps").status == 200
    assert strict.get(f"/{ASID}").status == 200


@guide("wire 12.7: a version never released")
def test_a_future_version_may_be_served_by_the_newest(app, turned):
    lenient = Caller(turned("future_version_is_an_error=off"), "JohnsMovieApp")

    assert app.get(f"/v99.0/{ASID}").error["code"] == 2500
    assert lenient.get(f"/v99.0/{ASID}").headers["facebook-api-version"] == "v26.0"


@guide("wire 12.4: the pool of calls with page access tokens")
@pytest.mark.parametrize("pool", ["messenger", "pages"])
def test_pool_of_a_page(turned, pool):
    reply = Caller(turned(f"usage_of_psids={pool}"), "John's Next Great Thing").get(PSID)

    assert json.loads(reply.headers["x-business-use-case-usage"])[PAGE][0]["type"] == pool


@guide("wire 12.11: age_range may not be told")
def test_age_range_may_be_left_out(app, turned):
    strict = Caller(turned("age_range_field=off"), "JohnsMovieApp")

    assert "age_range" in app.get(ASID, fields="age_range").body
    assert strict.get(ASID, fields="name,age_range").body == {"name": "John Smith", "id": ASID}


@guide("wire 10: is_payment_enabled has gone from later versions")
def test_payment_field_can_be_made_to_be_gone(page, turned):
    strict = Caller(turned("payment_field=off"), "John's Next Great Thing")

    assert page.get(PSID, fields="is_payment_enabled").body["is_payment_enabled"] is True
    assert "nonexisting field (is_payment_enabled)" in strict.get(PSID, fields="is_payment_enabled").error["message"]


@guide("wire 12.9: new apps get no rows without App Review")
def test_an_app_without_approval_sees_no_rows(app, turned):
    unapproved = Caller(turned("only_approved_apps_see_rows=on"), "JohnsMovieApp")

    assert app.get(f"{ASID}/ids_for_pages").ids
    assert unapproved.get(f"{ASID}/ids_for_pages").body == {"data": []}


@guide("wire 12.8: error for a stale appsecret_time")
def test_a_stale_proof_is_told_as_a_wrong_one(app):
    reply = app.get(f"{ASID}/ids_for_pages", appsecret_proof="0" * 64, appsecret_time=1)

    assert reply.error["message"] == "Invalid appsecret_proof provided in the API argument"


def test_paging_urls_hold_what_was_asked(turned):
    caller = Caller(turned("page_size=1"), "JohnsMovieApp")

    url = caller.get(f"{ASID}/ids_for_apps", fields="app{name}").body["paging"]["next"]

    assert dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["fields"] == "app{name}"
