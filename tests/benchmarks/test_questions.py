"""What clients answer is read in the same way for all, and compared with the truth."""

import threading

import pytest

from lookups.graph import Edge, EdgeAnswer, LinkRow, LinksAnswer, NamedAsset, Receipt, UnknownID
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.benchmarks.fetch import links_of
from tests.benchmarks.questions import Group, check, groups_of, in_threads, links_in, rows_in, truths_of_one
from tests.makers import NOW

TRUTH = {("100", "1"): frozenset({("100", "1"), ("200", "2")})}
APPS, PAGES = Edge


def test_links_are_read_out_of_the_rows_of_both_edges():
    apps = [{"id": "1", "app": {"id": "100"}}]
    pages = [{"id": "2", "page": {"id": "200"}}, {"id": "3", "page": {"id": "300"}}]

    assert links_in([apps, pages]) == {("100", "1"), ("200", "2"), ("300", "3")}


def test_an_edge_that_is_left_out_has_no_rows():
    assert rows_in({PAGES: {"data": [{"id": "2"}]}}) == [[], [{"id": "2"}]]


def test_half_an_edge_ends_the_benchmark():
    with pytest.raises(SystemExit, match="more than one page"):
        rows_in({APPS: {"data": [], "paging": {"next": "https://"}}})


def test_right_answers_pass():
    check(dict(TRUTH), TRUTH)


@pytest.mark.parametrize(
    "answers",
    [{}, {("100", "1"): frozenset({("100", "1")})}, {**TRUTH, ("100", "9"): frozenset()}],
    ids=["none", "half", "one too many"],
)
def test_wrong_answers_end_the_benchmark(answers):
    with pytest.raises(SystemExit, match="answers are wrong"):
        check(answers, TRUTH)


def test_half_an_answer_of_ours_has_no_links():
    row = LinkRow("2", NamedAsset("200"), "hash")
    receipt = Receipt(200, "trace", "v26.0", "v26.0", NOW)

    whole = LinksAnswer("1", {PAGES: EdgeAnswer((row,))}, receipt)
    half = LinksAnswer("1", {PAGES: EdgeAnswer((row,), is_whole=False)}, receipt)

    assert links_of(whole) == {("200", "2")}
    assert links_of(half) == links_of(UnknownID("unknown")) == frozenset()


def test_all_people_are_of_one_business_and_asked_about_once():
    truths = truths_of_one(90)

    assets = default_world().assets
    assert len(truths) == len(set(truths.values())) == 90
    assert {assets[scope].business_id for scope, _ in truths} == {JOHNS}
    assert all(asked in links for asked, links in truths.items())


def test_questions_are_asked_once_in_batches_by_so_many_threads_at_a_time():
    group = Group("100", "100", "secret", "token", tuple(map(str, range(170))))
    together = threading.Barrier(4, timeout=60)

    def ask(of: Group, values: tuple[str, ...]) -> tuple[str, ...]:
        together.wait()  # all four batches are under way
        return values

    told = [values for of, values in in_threads(4, [group], ask) if of == group]

    assert [len(values) for values in told] == [50, 50, 50, 20]
    assert tuple(value for values in told for value in values) == group.values


def test_a_group_has_the_token_and_the_secret_of_its_app():
    truths = truths_of_one(30)

    groups = groups_of(truths)

    assert sorted((group.scope, value) for group in groups for value in group.values) == sorted(truths)
    assets = default_world().assets
    assert all((assets[group.scope].managed_by or group.scope) == group.app_id for group in groups)
