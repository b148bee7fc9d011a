"""The script finds who is one person."""

from tests.benchmarks.peer.grouping import Grouping

A, B, C, D = ("100", "1"), ("200", "2"), ("100", "3"), ("200", "4")


def test_ids_of_one_answer_are_one_new_person():
    grouping = Grouping({})

    grouping.join([A, B])
    grouping.join([C])

    assert grouping.person_of == {A: -1, B: -1, C: -2}
    assert grouping.new == [-2, -1]
    assert grouping.merged == {}


def test_an_id_that_is_stored_brings_its_person():
    grouping = Grouping({B: 7})

    grouping.join([A, B])

    assert grouping.person_of == {A: 7, B: 7}
    assert grouping.new == []


def test_new_persons_that_turn_out_to_be_one_are_one():
    grouping = Grouping({})

    grouping.join([A, B])
    grouping.join([C, D])
    grouping.join([B, C])

    assert len(set(grouping.person_of.values())) == len(grouping.new) == 1
    assert grouping.merged == {}


def test_of_stored_persons_that_are_one_the_oldest_stays():
    grouping = Grouping({A: 9, B: 7, C: 5})

    grouping.join([A, B])
    grouping.join([D, A])
    grouping.join([D, C])

    assert set(grouping.person_of.values()) == {5}
    assert grouping.merged == {9: 5, 7: 5}
