"""The wire contract, 6.1: items of a batch that take something from the answers of others."""

import json

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, Caller, Reply, send

guide = pytest.mark.guide


def batch(caller: Caller, *items: dict, **form: str) -> Reply:
    """POST items as they are given, GET unless they say otherwise."""
    told = [{"method": "GET", **item} for item in items]
    given = {"access_token": caller.token, "appsecret_proof": caller.proof, "batch": json.dumps(told)}
    return send(caller.sandbox, "POST", "/v26.0/", form=given | form)


def bodies(reply: Reply) -> list:
    return [item and json.loads(item["body"]) for item in reply.body]


APPS = {"name": "apps", "relative_url": f"{ASID}/ids_for_apps"}


@guide("wire 6.1: {result=name:$.data.*.id}; a dependency that went well is left out")
def test_an_item_takes_ids_from_the_answer_of_another(app):
    told = bodies(batch(app, APPS, {"relative_url": "?ids={result=apps:$.data.*.app.id}&fields=name"}))

    assert told[0] is None
    assert {key: value["name"] for key, value in told[1].items()} == {
        GAME_APP: "John's Game App",
        MOVIE_APP: "JohnsMovieApp",
    }


@guide("wire 6.1: JSONPath")
@pytest.mark.parametrize(
    ("path", "asset"),
    [
        ("$.data[0].app.id", GAME_APP),
        ("$.data.1.app.id", MOVIE_APP),
        ("$['data'][1]['app']['id']", MOVIE_APP),
        ("$.data[*].app.id", f"{GAME_APP},{MOVIE_APP}"),
    ],
)
def test_paths_lead_into_objects_and_lists(app, path, asset):
    told = bodies(batch(app, APPS, {"relative_url": f"?ids={{result=apps:{path}}}"}))

    assert list(told[1]) == asset.split(",")


@guide("wire 6.1: a path that leads nowhere")
@pytest.mark.parametrize("path", ["$.nothing.id", "$.data[9].id", "$.data.x", "$..id", "$.data.*.app.id.more"])
def test_a_path_that_finds_nothing_leaves_an_empty_identifier(app, path):
    error = bodies(batch(app, APPS, {"relative_url": f"?ids={{result=apps:{path}}}"}))[1]["error"]

    assert (error["code"], error["message"]) == (2500, "Cannot specify an empty identifier")


@guide("wire 6.1: omit_response_on_success")
def test_a_dependency_may_be_kept(app):
    kept = {**APPS, "omit_response_on_success": False}

    told = bodies(batch(app, kept, {"relative_url": "?ids={result=apps:$.data.*.app.id}"}))

    assert [row["id"] for row in told[0]["data"]] == [GAME_ASID, ASID]


@guide("wire 6.1: depends_on")
def test_depends_on_makes_a_dependency_too(app):
    told = bodies(batch(app, APPS, {"relative_url": ASID, "depends_on": "apps"}, {"relative_url": ASID}))

    assert [one and one["id"] for one in told] == [None, ASID, ASID]


@guide("wire 6.1: only what went well is left out")
def test_a_dependency_that_failed_is_told(app):
    failed = {"name": "apps", "relative_url": "424242/ids_for_apps"}

    told = bodies(batch(app, failed, {"relative_url": "?ids={result=apps:$.data.*.app.id}"}))

    assert told[0]["error"]["error_subcode"] == 33
    assert told[1]["error"]["code"] == 2500


@guide("wire 6.1: a name alone is no dependency")
def test_a_named_item_nobody_depends_on_is_told(app):
    assert bodies(batch(app, APPS))[0]["data"]


@guide("wire 6.1: references in a body")
def test_a_body_may_refer_too(page):
    own = {"name": "own", "relative_url": "me?fields=id"}
    written = {
        "method": "POST",
        "relative_url": f"{PAGE}/subscribed_apps",
        "body": "subscribed_fields={result=own:$.id}",
    }

    batch(page, own, written)

    assert page.get(f"{PAGE}/subscribed_apps").body["data"][0]["subscribed_fields"] == [PAGE]


@guide("wire 6.1: include_headers=false")
def test_headers_are_left_out_on_wish(page):
    with_headers = batch(page, {"relative_url": PSID}).body[0]
    without = batch(page, {"relative_url": PSID}, include_headers="false").body[0]

    assert (set(with_headers), set(without)) == ({"code", "headers", "body"}, {"code", "body"})
