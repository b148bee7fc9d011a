"""The permutation behind generated IDs goes both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookups.sandbox.world.permutation import Permutation


@given(st.integers(0, 999), st.text(max_size=5))
def test_permutation_goes_back_to_where_it_came_from(number, key):
    permutation = Permutation(key, 1000)

    there = permutation.forward(number)

    assert 0 <= there < 1000
    assert permutation.back(there) == number


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_permutation_reaches_every_number_once(size):
    permutation = Permutation("key", size)

    assert sorted(map(permutation.forward, range(size))) == list(range(size))


def test_another_key_gives_another_permutation():
    one, two = (Permutation(key, 10**15) for key in ("a", "b"))

    assert [one.forward(n) for n in range(5)] != [two.forward(n) for n in range(5)]
