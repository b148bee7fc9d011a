"""The table of edges is whole, and all that an edge needs elsewhere is there."""

import pytest

from lookups.graph import Edge, edge_to
from lookups.graph.edges import EDGES
from lookups.models import Lookup, ScopedID


def test_each_edge_has_a_row_of_its_own():
    assert list(EDGES) == list(Edge)
    for told in ("short", "label"):
        assert len({getattr(edge, told) for edge in Edge}) == len(Edge), told


@pytest.mark.parametrize(
    ("edge", "path", "short", "label", "gives"),
    [
        (Edge.APPS, "ids_for_apps", "apps", "IDs for apps", "app"),
        (Edge.PAGES, "ids_for_pages", "pages", "IDs for Pages", "page"),
    ],
)
def test_the_edges_of_id_matching_are_what_its_guide_says(edge, path, short, label, gives):
    assert (str(edge), edge.short, edge.label, edge.gives) == (path, short, label, gives)
    assert edge.asked_of == {"app", "page"}, "use cases 1 to 4"


@pytest.mark.parametrize("edge", list(Edge))
def test_an_edge_asks_for_the_scoped_id_and_the_id_of_its_kind_of_asset(edge):
    assert edge.fields.startswith(f"id,{edge.gives}{{id,")


def test_an_edge_is_found_by_the_kind_that_it_gives():
    assert (edge_to("app"), edge_to("page")) == (Edge.APPS, Edge.PAGES)
    with pytest.raises(KeyError):
        edge_to("person")


def test_the_table_does_not_change():
    with pytest.raises(TypeError):
        EDGES[Edge.APPS] = EDGES[Edge.PAGES]
    with pytest.raises(AttributeError):
        EDGES[Edge.APPS].gives = "page"


@pytest.mark.parametrize("edge", list(Edge))
def test_what_is_known_of_an_edge_has_its_columns(edge):
    of_id = {field.name for field in ScopedID._meta.get_fields()}
    of_lookup = {field.name for field in Lookup._meta.get_fields()}

    assert {f"{edge.short}_answer", f"{edge.short}_answered_at", f"{edge.short}_caller"} <= of_id
    assert f"{edge.short}_outcome" in of_lookup
