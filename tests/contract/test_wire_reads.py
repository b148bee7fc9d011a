"""The wire contract, sections 1.1 to 1.6: filters, shapes, fields, paging, versions, HTTP."""

import json
import time
import urllib.parse

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, proof_of, send

guide = pytest.mark.guide


@guide("wire 1.1: a filter of the wrong name is ignored")
def test_page_filter_on_ids_for_apps_and_unknown_app_on_ids_for_pages_change_nothing(page):
    assert len(page.get(f"{PSID}/ids_for_apps", page=PAGE).ids) == 2
    assert page.get(f"{PSID}/ids_for_pages", app=GAME_APP).ids == [PSID]


@guide("wire 1.1: a proof is harmless where none is needed, and judged")
def test_a_proof_for_use_case_3_is_taken_if_right_and_refused_if_wrong(app):
    assert app.get(f"{ASID}/ids_for_apps").status == 200
    assert app.get(f"{ASID}/ids_for_apps", appsecret_proof="0" * 64).status == 400


@guide("wire 1.2: the node's own ID is among the rows")
def test_own_id_is_among_the_rows(app, page):
    assert ASID in app.get(f"{ASID}/ids_for_apps").ids
    assert PSID in page.get(f"{PSID}/ids_for_pages").ids


@guide("wire 1.2: no mapping is an empty list with status 200")
def test_no_mapping_is_an_empty_list(sandbox):
    jonas = Caller(sandbox, "John's Game App").get("10150000000000017/ids_for_pages")

    assert (jonas.status, jonas.body) == (200, {"data": []})


@guide("wire 1.2: an app's link may be relative")
def test_one_app_has_a_relative_link(sandbox):
    mai = Caller(sandbox, "John's Instant Quiz").get("77001234567/ids_for_apps").body["data"]

    assert mai[0]["app"]["link"] == "/instantgames/206200729983202/"


@guide("wire 1.2: token_for_business is equal for a person in all apps of the business")
def test_token_for_business_is_one_for_all_apps_of_a_business(app, game):
    one = app.get(ASID, fields="token_for_business").body["token_for_business"]

    assert one == game.get(GAME_ASID, fields="token_for_business").body["token_for_business"]
    assert one != app.get("66001234567", fields="token_for_business").body["token_for_business"]


@guide("wire 1.3: nested selection, modifiers in any order")
@pytest.mark.parametrize(
    "fields",
    [
        "ids_for_apps.limit(1){id,app{id,name}}",
        "ids_for_apps{id,app{id,name}}.limit(1)",
        "ids_for_apps.app(1419232575008550).limit(7){app{name,id},id}",
    ],
)
def test_nested_fields_choose_and_limit(page, fields):
    reply = page.get(PSID, fields=fields)
    if fields.endswith("limit(1)"):
        assert reply.error["code"] == 2500, "modifiers stand before the selection"
        return

    assert reply.body["ids_for_apps"]["data"] == [{"id": GAME_ASID, "app": {"name": "John's Game App", "id": GAME_APP}}]


@guide("wire 1.3: id always comes back")
def test_id_comes_back_though_not_asked_for(app):
    assert app.get(ASID, fields="name").body == {"name": "John Smith", "id": ASID}
    rows = app.get(f"{ASID}/ids_for_apps", fields="app{name}").body["data"]
    assert rows[0] == {"id": GAME_ASID, "app": {"name": "John's Game App", "id": GAME_APP}}


@guide("wire 1.3: aliases are refused on users")
def test_aliases_are_refused(app):
    assert app.get(ASID, fields="ids_for_apps.as(mine)").error["message"] == "(#100) Unknown fields: mine."


@guide("wire 1.3: unknown fields and edges")
def test_unknown_field_is_named_with_the_nodes_type(app):
    message = app.get(ASID, fields="name,shoe_size").error["message"]

    assert message == "(#100) Tried accessing nonexisting field (shoe_size) on node type (User)"


@guide("wire 1.3: ids_for_apps of an app or a Page node")
def test_edges_of_apps_and_pages_do_not_exist(app, page):
    assert "node type (Application)" in app.get(f"{GAME_APP}/ids_for_apps").error["message"]
    assert "node type (Page)" in page.get(PAGE, fields="ids_for_pages").error["message"]


@guide("wire 1.3: harmless parameters")
def test_unknown_and_cosmetic_parameters_are_ignored(app):
    reply = app.get(f"{ASID}/ids_for_apps", summary="true", pretty=1, format="json", locale="vi_VN", x="y", fields="")

    assert len(reply.ids) == 2


@guide("wire 1.3: limit, default and cap")
@pytest.mark.parametrize(("limit", "got"), [("1", 1), ("2", 2), ("100000", 2), ("nonsense", 2), ("0", 1)])
def test_limit_is_capped_and_nonsense_ignored(app, limit, got):
    assert len(app.get(f"{ASID}/ids_for_apps", limit=limit).ids) == got


@guide("wire 1.4: next and previous only where there is more")
def test_paging_goes_forth_and_back_by_cursors(app):
    first = app.get(f"{ASID}/ids_for_apps", limit=1)
    paging = first.body["paging"]
    second = app.get(f"{ASID}/ids_for_apps", limit=1, after=paging["cursors"]["after"])

    assert (first.ids, second.ids) == ([GAME_ASID], [ASID])
    assert paging["cursors"]["before"] == paging["cursors"]["after"]
    assert "previous" not in paging
    assert "next" not in second.body["paging"]
    assert f"access_token={urllib.parse.quote(app.token)}" in second.body["paging"]["previous"]
    back = app.get(f"{ASID}/ids_for_apps", limit=1, before=second.body["paging"]["cursors"]["before"])
    assert back.ids == first.ids


@guide("wire 1.3 and 1.4: paging by modifiers of a nested edge")
def test_a_nested_edge_is_paged_by_its_modifiers(app):
    first = app.get(ASID, fields="ids_for_apps.limit(1)").body["ids_for_apps"]
    after = first["paging"]["cursors"]["after"]

    second = app.get(ASID, fields=f"ids_for_apps.after({after}).limit(1)").body["ids_for_apps"]

    assert [row["id"] for row in [*first["data"], *second["data"]]] == [GAME_ASID, ASID]
    assert f"/{ASID}/ids_for_apps?" in first["paging"]["next"]
    assert "next" not in second["paging"]


@guide("wire 1.4: next can be followed as it is, where no proof is needed")
def test_next_leads_to_the_next_page(app, sandbox):
    url = app.get(f"{ASID}/ids_for_apps", limit=1, fields="app{name}").body["paging"]["next"]
    parts = urllib.parse.urlsplit(url)

    reply = send(sandbox, "GET", parts.path, query=dict(urllib.parse.parse_qsl(parts.query)))

    assert reply.body["data"] == [{"id": ASID, "app": {"name": "JohnsMovieApp", "id": MOVIE_APP}}]


@guide("wire 1.4: next is absolute, with the token, without the proof")
def test_next_is_absolute_and_carries_the_token_only(app, sandbox):
    url = app.get(f"{ASID}/ids_for_apps", limit=1).body["paging"]["next"]
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))

    assert url.startswith(f"{sandbox.url}/v26.0/{ASID}/ids_for_apps?")
    assert query["access_token"] == app.token
    assert {"limit", "after", "pretty"} <= set(query)
    assert "appsecret_proof" not in query


@guide("wire 1.4: a bad cursor")
def test_a_cursor_of_another_edge_is_refused(app):
    after = app.get(f"{ASID}/ids_for_apps", limit=1).body["paging"]["cursors"]["after"]

    for cursor in (after, "nonsense"):
        reply = app.get(f"{ASID}/ids_for_pages", after=cursor)
        assert reply.error["code"] == 100
        assert "After Cursor" in reply.error["message"]


@guide("wire 1.5: versions")
@pytest.mark.parametrize(
    ("prefix", "served"),
    [("/v26.0", "v26.0"), ("/v21.0", "v21.0"), ("/v20.0", "v21.0"), ("/v2.9", "v21.0"), ("", "v21.0")],
)
def test_expired_and_missing_versions_are_served_by_the_oldest_usable(app, prefix, served):
    reply = app.get(f"{prefix}/{ASID}/ids_for_apps")

    assert (reply.status, reply.headers["facebook-api-version"]) == (200, served)


@guide("wire 1.5: a version never released")
@pytest.mark.parametrize("version", ["v99.0", "v27.0", "v20.7", "v0.1", "v26"])
def test_a_version_never_released_is_an_unknown_path(app, version):
    reply = app.get(f"/{version}/{ASID}")

    assert (reply.status, reply.error["code"]) == (400, 2500)
    assert reply.error["message"] == f"Unknown path components: /{version}"


@guide("wire 1.5: an end slash means nothing and is never redirected")
@pytest.mark.parametrize("path", [f"/v26.0/{ASID}", f"/v26.0/{ASID}/", f"/{ASID}/"])
def test_end_slash_is_optional(app, path):
    assert app.get(path, fields="name").body["name"] == "John Smith"


@guide("wire 1.6: headers")
def test_answers_carry_graphs_headers(app, page):
    by_app, by_page = app.get(f"{ASID}/ids_for_apps").headers, page.get(f"{PSID}/ids_for_pages").headers

    assert "json" in by_app["content-type"]
    assert {"x-fb-trace-id", "x-fb-rev", "x-fb-debug", "etag", "facebook-api-version"} <= set(by_app)
    assert set(json.loads(by_app["x-app-usage"])) == {"call_count", "total_time", "total_cputime"}
    (pool,) = json.loads(by_page["x-business-use-case-usage"])[PAGE]
    assert set(pool) == {"type", "call_count", "total_cputime", "total_time", "estimated_time_to_regain_access"}


@guide("wire 1.6: If-None-Match")
def test_an_unchanged_answer_is_not_sent_twice(app, sandbox):
    query = {"access_token": app.token, "fields": "name"}
    tag = send(sandbox, "GET", ASID, query=query).headers["etag"]

    again = send(sandbox, "GET", ASID, query=query, headers={"If-None-Match": tag})

    assert (again.status, again.body) == (304, None)


@guide("wire 1.6: usage headers count calls, each ID and each item of a batch as one")
def test_each_id_and_each_item_counts_as_a_call(app, sandbox):
    two_ids, two_items = f"{ASID},66001234567", [ASID, "66001234567"]

    def percent(reply) -> int:
        return json.loads(reply.headers["x-app-usage"])["call_count"]

    sandbox.control("usage", {"of": {"app": MOVIE_APP}, "percent": 81})

    assert percent(app.get("/", ids=two_ids)) == 81
    assert percent(app.batch(*two_items)) == 81


@guide("wire 1.6: errors name their scheme")
def test_errors_carry_www_authenticate_and_a_trace_id_of_their_own(app):
    one, two = app.get("424242"), app.get("424242")

    assert one.headers["www-authenticate"].startswith('OAuth "Facebook Platform" "invalid_request" "')
    assert one.error["fbtrace_id"] != two.error["fbtrace_id"]


@guide("wire 2: timed proofs")
def test_timed_proof_is_taken_for_five_minutes(app):
    now = int(time.time())
    for seconds, status in ((now, 200), (now - 290, 200), (now - 400, 400)):
        proof = proof_of(app.token, app.secret, seconds)
        reply = app.get(f"{ASID}/ids_for_pages", appsecret_proof=proof, appsecret_time=seconds)
        assert reply.status == status
