"""Rows of an edge: captured ones of the real Graph, and the hash that each row leaves as evidence."""

import hashlib
import json
from pathlib import Path

import pytest

from lookups.graph import Edge
from lookups.graph.rows import read_page

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


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize(
    "asset",
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
def test_the_hash_is_that_of_the_whole_row_as_canonical_json(edge, asset, more):
    item = {"id": "1", edge.gives: asset, **more}
    text = json.dumps(item, sort_keys=True, separators=(",", ":"))

    for _ in range(2):  # read for the first time, and known already
        (row,) = read_page({"data": [item]}, edge).rows

        assert row.row_hash == hashlib.sha256(text.encode()).hexdigest()
        assert row.asset.id == "5"


@pytest.mark.parametrize(("edge", "reason"), [(Edge.APPS, "names no app"), (Edge.PAGES, "names no Page")])
def test_a_row_without_the_edges_kind_of_asset_is_left_out(edge, reason):
    other = {"id": "5", "person": {"id": "7"}}

    page = read_page({"data": [other, {"id": "5", edge.gives: {"id": "7"}}]}, edge)

    assert page.rejected == (f"row 1 of {edge}: {reason}",)
    assert [(row.id, row.asset.id) for row in page.rows] == [("5", "7")]
