"""What a way has stored, and whether that is the truth: the same for idlink and for what it is compared with."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.benchmarks.questions import Links, Question


@dataclass(frozen=True)
class Stored:
    """The IDs of each person, the links from one ID to another, what was answered about each ID, all times of sight."""

    people: list[Links]
    links: list[tuple[Question, Question]]
    answers: list[tuple[Question, Links]]
    seen: list[datetime]


def check_stored(stored: Stored, expected: dict[Question, Links], begun: datetime) -> None:
    """End the benchmark unless all that was to be learnt since `begun` is stored, once, and nothing else."""
    links = [(asked, one) for asked, ids in expected.items() for one in ids - {asked}]
    _same("persons", stored.people, expected.values())
    _same("links", stored.links, links)
    _same("answers", stored.answers, expected.items())
    wrong = [one for one in stored.seen if not begun <= one <= datetime.now(UTC)]
    if wrong or not stored.seen:
        raise SystemExit(f"{len(wrong)} of {len(stored.seen)} times of sight are wrong; first: {wrong[:1]}")


def _same(what: str, stored: Iterable[Hashable], expected: Iterable[Hashable]) -> None:
    told, truth = Counter(stored), Counter(expected)
    if told != truth:
        missing, wrong = truth - told, told - truth
        raise SystemExit(
            f"{missing.total()} of {truth.total()} {what} are not stored, {wrong.total()} are stored wrongly; "
            f"first: {next(iter(missing), None)}, {next(iter(wrong), None)}"
        )
