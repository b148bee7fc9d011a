"""Which path asks a question."""

from urllib.parse import unquote

import pytest

from lookups.graph import Edge, LinksQuestion, ProfileQuestion, path_of
from lookups.graph.questions import next_path

APP_FIELDS = "id,app{id,name,namespace,category,link}"
BOTH = (Edge.APPS, Edge.PAGES)
PAGE_FIELDS = "id,page{id,name,category,link}"


@pytest.mark.parametrize(
    ("question", "path"),
    [
        (
            LinksQuestion("5", BOTH),
            f"5?fields=ids_for_apps.limit(100){{{APP_FIELDS}}},ids_for_pages.limit(100){{{PAGE_FIELDS}}}",
        ),
        (
            LinksQuestion("5", BOTH, narrowed=((Edge.PAGES, "7"),), profile=("name",)),
            f"5?fields=name,ids_for_apps.limit(100){{{APP_FIELDS}}},ids_for_pages.limit(100).page(7){{{PAGE_FIELDS}}}",
        ),
        (LinksQuestion("5", (Edge.APPS,)), f"5/ids_for_apps?fields={APP_FIELDS}&limit=100"),
        (
            LinksQuestion("5", (Edge.APPS,), narrowed=((Edge.APPS, "7"), (Edge.PAGES, "8"))),
            f"5/ids_for_apps?fields={APP_FIELDS}&limit=100&app=7",
        ),
        (
            LinksQuestion("5", (Edge.PAGES,), narrowed=((Edge.PAGES, "8"),)),
            f"5/ids_for_pages?fields={PAGE_FIELDS}&limit=100&page=8",
        ),
        (ProfileQuestion("5", ("name", "age_range")), "5?fields=name,age_range"),
        (LinksQuestion("5/../6?x", (Edge.APPS,)), f"5/../6?x/ids_for_apps?fields={APP_FIELDS}&limit=100"),
    ],
)
def test_a_question_becomes_a_path_with_each_filter_at_its_own_edge(question, path):
    assert unquote(path_of(question)) == path


def test_an_id_cannot_lead_to_another_path():
    assert path_of(LinksQuestion("5/../6?x", (Edge.APPS,))).startswith("5%2F..%2F6%3Fx/ids_for_apps?")


def test_the_next_page_is_asked_for_by_its_cursor_and_keeps_the_filter():
    question = LinksQuestion("5", (Edge.APPS,), narrowed=((Edge.APPS, "7"),))

    assert unquote(next_path(question, Edge.APPS, "QV")).endswith("&limit=100&app=7&after=QV")


def test_questions_can_be_told_apart_and_counted():
    narrowed = LinksQuestion("5", narrowed=((Edge.APPS, "7"),))

    assert len({LinksQuestion("5"), LinksQuestion("5"), narrowed}) == 2
    assert (narrowed.filter_of(Edge.APPS), narrowed.filter_of(Edge.PAGES)) == ("7", None)
