"""Captured answers of the real Graph, parsed; proofs; usage headers."""

import hashlib
import json
from pathlib import Path

import pytest

from lookups.graph.answers import read_page
from lookups.graph.edges import Edge
from lookups.graph.proof import appsecret_proof, timed_proof
from lookups.graph.usage import read_usage

FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str):
    return json.loads((FIXTURES / name).read_text())


def test_captured_rows_keep_their_order_and_take_a_relative_link():
    told = fixture("captured/ids_for_apps__asid_combined_fields__redacted.json")

    page = read_page(told["ids_for_apps"], Edge.APPS)

    assert [row.id for row in page.rows] == ["954279251387975", "1145740485575183"]
    assert page.rows[1].asset.link == "/instantgames/206200729983202/"
    assert page.rows[1].asset.namespace == ""
    assert page.after == "", "cursors without `next` are the end"


def test_captured_rows_of_ids_for_business_read_like_those_for_apps():
    page = read_page(fixture("captured/ids_for_business__asid.json")["ids_for_business"], Edge.APPS)

    assert page.rows[1].asset.name == "Vô Song Tam Quốc"


def test_placeholders_of_the_docs_are_no_app():
    page = read_page(fixture("captured/ids_for_business__docs_instant_games.json"), Edge.APPS)

    assert page.rows == ()
    assert page.rejected == ("row 1 of ids_for_apps: an ID is not 1 to 32 digits",)


@pytest.mark.parametrize("edge", list(Edge))
def test_rows_without_paging_and_with_unknown_names_are_read(edge):
    (row,) = read_page(fixture("restfb/user-with-additional-ids.json")[edge], edge).rows

    assert (row.id, row.asset.id) == ("987654321", "123456789085756")


def test_captured_next_gives_its_cursor_only():
    told = fixture("captured/paging_next_limit1__v4.json")

    page = read_page({"data": [], "paging": told["paging"]}, Edge.APPS)

    assert page.after == told["paging"]["cursors"]["after"]


def test_the_hash_of_a_row_does_not_depend_on_the_order_of_its_keys():
    row = {"id": "1", "app": {"id": "2", "name": "x"}}
    same = {"app": {"name": "x", "id": "2"}, "id": "1"}

    (one,), (two,) = (read_page({"data": [told]}, Edge.APPS).rows for told in (row, same))

    assert one.row_hash == two.row_hash
    assert len(one.row_hash) == 64


@pytest.mark.parametrize("kind", ["app", "page"])
@pytest.mark.parametrize(
    "told",
    [
        {"id": "5", "name": "J\u00f6rg \ud83d"},
        {"name": "x", "id": "5", "link": None},
        {"id": "5", "verified": True},
        {"id": "5", "verified": 1},
        {"id": "5", "tags": ["a", {"b": 1}]},
        {"id": "5", "name": "long" * 1000},
    ],
)
@pytest.mark.parametrize("more", [{}, {"of_the_future": 1}])
def test_the_hash_is_that_of_the_whole_row_as_canonical_json(kind, told, more):
    item = {"id": "1", kind: told, **more}
    text = json.dumps(item, sort_keys=True, separators=(",", ":"))

    for _ in range(2):  # read for the first time, and known already
        (row,) = read_page({"data": [item]}, Edge.APPS if kind == "app" else Edge.PAGES).rows

        assert row.row_hash == hashlib.sha256(text.encode()).hexdigest()
        assert row.asset.id == "5"


@pytest.mark.guide("wire 2: test vectors")
def test_proofs_are_those_of_the_contract():
    secret = "app-secret-1"

    assert appsecret_proof("EAAB-page-token", secret) == (
        "d30a58d83dd3d0d40c6331195509943b76d787bf147fc3ce9a6ff071e84269f3"
    )
    assert appsecret_proof("1419232575008550|app-secret-1", secret) == (
        "e555424fbb7c30770ab201e8762f60ac704b372d31e45767d6b42066366d4c93"
    )
    assert timed_proof("EAAB-page-token", secret, 1764000000) == (
        "b695e913f7fbec3a838455c081ebd9e5ba39c16d24a4212efd429dcc2ea6d799"
    )


def test_captured_usage_headers_are_read():
    told = fixture("captured/usage_headers.json")["python_facebook_tests"]
    headers = {name: json.dumps(told[name]) for name in ("x-app-usage", "x-business-use-case-usage")}

    app, page = read_usage(headers)

    assert (app.kind, app.percent) == ("app", 91)
    assert (page.kind, page.owner_id, page.percent) == ("pages", "112130216863063", 1)


@pytest.mark.parametrize("text", ["", "x", "[]", "{", '{"a": 1}', '{"a": [1]}', "[" * 10_000, '{"call_count": "9"}'])
def test_malformed_usage_headers_cost_nothing(text):
    assert all(pool.percent == 0 for pool in read_usage({"x-app-usage": text, "x-business-use-case-usage": text}))
