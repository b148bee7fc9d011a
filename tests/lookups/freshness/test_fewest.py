"""The fewest questions about a person whose answers speak of all that is due."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lookups.freshness.due import fewest, parts_of

KEYS = st.integers(1, 6)
LINKS = st.sets(st.tuples(KEYS, KEYS), max_size=10)


def test_one_that_names_all_is_enough():
    assert fewest({1, 2, 3}, {2: {1, 3}}, parts_of([1, 2, 3], [(2, 1), (2, 3)])) == [2]


def test_whoever_names_more_goes_first():
    named = {1: {2}, 3: {1, 2, 4}}

    assert fewest({1, 2, 3, 4}, named, parts_of([1, 2, 3, 4], [(1, 2), (3, 1), (3, 2), (3, 4)])) == [3]


def test_who_has_answered_goes_before_who_never_did():
    assert fewest({1, 2}, {2: {1}}, parts_of([1, 2], [(2, 1)])) == [2]


def test_where_nobody_has_answered_one_is_hoped_to_name_the_others():
    assert fewest({1, 2, 3}, {}, parts_of([1, 2, 3], [(1, 2), (1, 3)])) == [1]


def test_who_can_not_be_asked_is_left_out():
    parts = parts_of([1, 2, 3], [(1, 2)])

    assert fewest({1, 2, 3}, {}, {2: parts[2]}) == [2]
    assert fewest({3}, {}, {1: parts[1]}) == []


@given(due=st.sets(KEYS, min_size=1), links=LINKS, answered=st.sets(KEYS), open_=st.sets(KEYS))
def test_all_is_covered_that_can_be_and_nobody_is_asked_in_vain(due, links, answered, open_):
    links = {(one, other) for one, other in links if one != other}
    whole = parts_of(range(1, 7), links)
    parts = {key: whole[key] for key in open_}
    named = {key: {target for source, target in links if source == key} for key in answered & open_}
    covers = {key: {key, *named.get(key, parts[key])} for key in parts}

    chosen = fewest(due, named, parts)

    assert set(chosen) <= open_
    assert set().union(*(covers[key] for key in chosen)) >= due & set().union(*covers.values())
    for number, key in enumerate(chosen):
        assert covers[key] & due - set().union(*(covers[one] for one in chosen[:number]))


@given(LINKS)
def test_parts_are_what_links_connect(links):
    parts = parts_of(range(1, 7), links)

    for one, other in itertools.product(range(1, 7), repeat=2):
        assert (other in parts[one]) == (parts[one] == parts[other])
    assert all(parts[one] == parts[other] for one, other in links)
