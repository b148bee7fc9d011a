"""Laws of evidence, over random answers: order and batches mean nothing, what is taken back leaves no trace."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lookups.evidence import decisions
from lookups.evidence.decisions import CannotDecide
from lookups.models import Conflict, Decision, Match
from lookups.models.outcomes import Edge
from tests.fuzzing import fuzzed
from tests.lookups.small_world import DAY, FIRST, MINUTE, Kind, Place, Saying, World, rolled_back
from tests.makers import NOW

LIMIT = 0 if os.environ.get("FUZZ_EXAMPLES") else 300  # no limit at length
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(LIMIT),
]


@pytest.fixture
def world():
    return World()


def simple_sayings(most: int = 1) -> st.SearchStrategy[list[Saying]]:
    """Complete answers about the first business, each about another ID.

    With one row each no two links are of one moment: else chance, which makes public IDs, has a say in their order.
    """
    some = st.builds(Saying, st.sampled_from(FIRST), st.frozensets(st.sampled_from(FIRST), max_size=most))
    return st.lists(some, min_size=1, max_size=7, unique_by=lambda saying: saying.source)


@fuzzed(25)
@given(told=simple_sayings(most=2), data=st.data())
def test_the_same_answers_in_any_order_and_any_batches_give_the_same_persons(world, told, data):
    timed = [(saying, NOW + data.draw(st.integers(0, 3)) * MINUTE) for saying in told]
    with rolled_back(world):
        world.learn(*timed)
        expected, states = world.persons(), world.states()
    order = data.draw(st.permutations(timed))
    with rolled_back(world):
        while order:
            size = data.draw(st.integers(1, len(order)))
            world.learn(*order[:size])
            order = order[size:]

        assert world.persons() == expected
        assert world.states() == states


PAIRS = st.lists(st.sampled_from(FIRST), min_size=2, max_size=2, unique=True)


@fuzzed(25)
@given(told=simple_sayings(), first=PAIRS, second=PAIRS)
def test_to_join_twice_and_retract_the_first_is_as_if_it_had_never_been(world, told, first, second):
    assume(set(first) != set(second))
    assume(all({saying.source, place} != set(first) for saying in told for place in saying.gives))
    results = []
    for joins in ([first, second], [second]):
        with rolled_back(world):
            _start(world, told)
            for one, other in joins:
                world.learn((Saying(one, frozenset({other}), frozenset()), NOW + 2 * DAY))
            if first in joins:
                world.decide(Kind.RETRACT, *first, NOW + 3 * DAY)
            results.append(world.persons())

    assert results[0] == results[1]


@st.composite
def plans(draw: st.DrawFn) -> list[tuple[Kind, Place, Place]]:
    """Decisions about few pairs, so that they meet again and again."""
    pairs = draw(st.lists(PAIRS, min_size=1, max_size=3))
    kinds = st.sampled_from([Kind.RETRACT, Kind.ASSERT, Kind.KEEP_APART])
    return [(draw(kinds), *draw(st.sampled_from(pairs))) for _ in range(draw(st.integers(1, 6)))]


def _start(world: World, told: list[Saying]) -> None:
    world.learn(*((Saying(place, frozenset()), NOW + n * MINUTE) for n, place in enumerate(FIRST)))
    world.learn(*((saying, NOW + DAY + n * MINUTE) for n, saying in enumerate(told)))


def _decide(world: World, wanted: list[tuple[Kind, Place, Place]], left_out: Iterable[int] = ()) -> dict[int, Decision]:
    """Make these decisions, each at its own time, but for those that are left out or can't be made."""
    made = {}
    for number, (kind, one, other) in enumerate(wanted):
        if number not in left_out:
            with suppress(CannotDecide):
                made[number] = world.decide(kind, one, other, NOW + 2 * DAY + number * MINUTE)
    return made


def _undo(made: dict[int, Decision], order: Iterable[int]) -> None:
    for n, number in enumerate(order):
        decisions.undo(made[number], reason="no", by=None, now=NOW + 3 * DAY + n * MINUTE)


@fuzzed(25)
@given(told=simple_sayings(), wanted=plans())
def test_to_decide_and_undo_at_any_depth_leaves_all_as_it_was(world, told, wanted):
    with rolled_back(world):
        _start(world, told)
        before, made = [], {}
        for number in range(len(wanted)):
            here = (world.persons(), world.states())
            if step := _decide(world, wanted, left_out=set(range(len(wanted))) - {number}):
                before.append(here)
                made |= step

        for number in sorted(made, reverse=True):
            _undo(made, [number])
            assert (world.persons(), world.states()) == before.pop()


@fuzzed(25)
@given(told=simple_sayings(), wanted=plans(), data=st.data())
def test_what_is_taken_back_in_any_order_leaves_what_the_other_decisions_make(world, told, wanted, data):
    with rolled_back(world):
        _start(world, told)
        made = _decide(world, wanted)
        order = data.draw(st.permutations(sorted(made)))
        order = order[: data.draw(st.integers(0, len(order)))]
        _undo(made, order)
        result = world.persons()
    with rolled_back(world):
        _start(world, told)
        _decide(world, wanted, left_out={*range(len(wanted))} - {*made} | {*order})

        assert result == world.persons()


ONE, TWO, THREE = (0, "1"), (1, "1"), (2, "1")


def test_answers_go_on_telling_of_a_link_that_is_retracted(world):
    with rolled_back(world):
        world.learn((Saying(ONE, frozenset({TWO})), NOW))
        world.decide(Kind.RETRACT, ONE, TWO, NOW + MINUTE)

        world.learn((Saying(ONE, frozenset()), NOW + DAY), (Saying(ONE, frozenset()), NOW + 3 * DAY))

        assert list(world.states().values()) == [("withdrawn", False)]


def test_an_answer_about_something_else_ends_no_conflict_about_a_retracted_link(world):
    running = Conflict.objects.filter(ended_at=None, kind=Conflict.Kind.APART)
    with rolled_back(world):
        world.learn((Saying(ONE, frozenset({TWO})), NOW))
        world.decide(Kind.RETRACT, ONE, TWO, NOW + MINUTE)
        world.learn((Saying(ONE, frozenset({TWO})), NOW + DAY))
        assert running.count() == 1

        world.learn((Saying(ONE, frozenset({THREE}), frozenset({Edge.PAGES})), NOW + 2 * DAY))

        assert running.count() == 1


def test_no_link_is_asserted_over_a_pair_that_is_kept_apart(world):
    with rolled_back(world):
        world.learn((Saying(ONE, frozenset({TWO})), NOW), (Saying(THREE, frozenset()), NOW - MINUTE))
        world.decide(Kind.KEEP_APART, ONE, THREE, NOW + MINUTE)

        with pytest.raises(decisions.CannotDecide, match="keeps these two apart"):
            decisions.preview(Kind.ASSERT, world.scoped_id(THREE), world.scoped_id(TWO))
        with pytest.raises(decisions.CannotDecide, match="keeps these two apart"):
            world.decide(Kind.ASSERT, THREE, TWO, NOW + 2 * MINUTE)

        assert world.persons()[ONE] == {ONE, TWO}


SOURCE, LINK = (3, "2"), ((3, "2"), (1, "2"), Edge.APPS)
GIVEN, LACKING = Saying(SOURCE, frozenset({LINK[1]})), Saying(SOURCE, frozenset())


def test_an_answer_is_late_or_not_edge_by_edge(world):
    """A newer answer about Pages alone knows nothing of apps: what comes after it about apps is no old news."""
    world.learn((GIVEN, NOW))
    world.learn((replace(LACKING, whole=frozenset({Edge.PAGES})), NOW + 20 * MINUTE))

    world.learn((replace(LACKING, whole=frozenset({Edge.APPS})), NOW + 10 * MINUTE))

    assert world.states()[LINK] == ("unconfirmed", True)


def test_what_was_confirmed_is_remembered_when_another_app_s_token_asks(world):
    for minutes in (0, 20):
        world.learn((GIVEN, NOW + minutes * MINUTE))
    world.learn((replace(LACKING, caller=1), NOW + 30 * MINUTE))

    world.learn((LACKING, NOW + 10 * MINUTE))

    assert world.states()[LINK] == ("confirmed", True)
    match = Match.objects.get()
    assert (match.confirmed_at, match.last_answer.at) == (NOW + 20 * MINUTE, NOW + 20 * MINUTE)


def test_an_older_answer_to_another_app_s_token_takes_no_confirmation_back(world):
    for minutes in (0, 20):
        world.learn((GIVEN, NOW + minutes * MINUTE))

    world.learn((replace(GIVEN, caller=1), NOW + 10 * MINUTE))

    match = Match.objects.get()
    assert (match.confirmed_at, match.calling_app) == (NOW + 20 * MINUTE, world.assets[0])
    world.learn((replace(GIVEN, caller=1), NOW + 40 * MINUTE))
    match = Match.objects.get()
    assert (match.confirmed_at, match.calling_app) == (NOW + 40 * MINUTE, world.assets[1])
