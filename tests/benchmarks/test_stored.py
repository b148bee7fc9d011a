"""What a way has stored is compared with the truth: whatever differs ends the benchmark."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.benchmarks.stored import Stored, check_stored

ASKED, FOUND, ALONE, OTHER = ("100", "1"), ("200", "2"), ("100", "3"), ("200", "4")
TRUTH = {ASKED: frozenset({ASKED, FOUND}), ALONE: frozenset({ALONE})}
BEGUN = datetime.now(UTC) - timedelta(minutes=1)
RIGHT = Stored(
    people=[frozenset({ASKED, FOUND}), frozenset({ALONE})],
    links=[(ASKED, FOUND)],
    answers=[(ASKED, frozenset({ASKED, FOUND})), (ALONE, frozenset({ALONE}))],
    seen=[BEGUN],
)


def test_the_truth_is_right():
    check_stored(RIGHT, TRUTH, BEGUN)


@pytest.mark.parametrize(
    "people",
    [
        [frozenset({ASKED, FOUND})],
        [frozenset({ASKED}), frozenset({FOUND}), frozenset({ALONE})],
        [frozenset({ASKED, FOUND, ALONE})],
        [*RIGHT.people, frozenset({OTHER})],
        [*RIGHT.people, frozenset({ALONE})],
    ],
    ids=["one is missing", "one is split", "two are one", "a stranger", "one is there twice"],
)
def test_wrong_persons_end_the_benchmark(people):
    with pytest.raises(SystemExit, match="persons"):
        check_stored(replace(RIGHT, people=people), TRUTH, BEGUN)


@pytest.mark.parametrize(
    "links", [[], [(FOUND, ASKED)], RIGHT.links * 2], ids=["missing", "in the other direction", "twice"]
)
def test_wrong_links_end_the_benchmark(links):
    with pytest.raises(SystemExit, match="links"):
        check_stored(replace(RIGHT, links=links), TRUTH, BEGUN)


@pytest.mark.parametrize(
    "answers",
    [RIGHT.answers[:1], RIGHT.answers * 2, [(ASKED, frozenset({ASKED})), RIGHT.answers[1]]],
    ids=["missing", "twice", "half of one"],
)
def test_wrong_answers_end_the_benchmark(answers):
    with pytest.raises(SystemExit, match="answers"):
        check_stored(replace(RIGHT, answers=answers), TRUTH, BEGUN)


@pytest.mark.parametrize(
    "seen",
    [[], [BEGUN - timedelta(seconds=1)], [datetime.now(UTC) + timedelta(days=1)]],
    ids=["none", "old", "to come"],
)
def test_wrong_times_of_sight_end_the_benchmark(seen):
    with pytest.raises(SystemExit, match="times of sight"):
        check_stored(replace(RIGHT, seen=seen), TRUTH, BEGUN)
