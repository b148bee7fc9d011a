"""What every way is asked: the same people by the same IDs, in groups of one token each, and the truth."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from lookups.graph.edges import Edge
from lookups.sandbox.__main__ import describe
from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.people import questions_and_people, truth

BATCH = 50
EDGES = tuple(Edge)
Question = tuple[str, str]
Links = frozenset[tuple[str, str]]
Told = TypeVar("Told")


@dataclass(frozen=True)
class Group:
    """Questions asked with one token; `scope` is the app or Page it belongs to, `secret` that of the app `app_id`."""

    scope: str
    app_id: str
    secret: str
    token: str
    values: tuple[str, ...]

    def batches(self) -> Iterator[tuple[str, ...]]:
        """Give the IDs in fifties."""
        for start in range(0, len(self.values), BATCH):
            yield self.values[start : start + BATCH]


def world_size(people: int) -> int:
    """How many people the sandbox must generate so that one business has so many: seven of ten are its."""
    return people * 10 // 7 + 20


def truths(people: int) -> dict[Question, Links]:
    """Give the first people's questions in order, each with all links of the person."""
    questions, persons = questions_and_people(world_size(people))
    person_of = {pair: person for person in persons for pair in person}
    return {question: person_of[question] for question in questions[:people]}


def truths_of_one(people: int) -> dict[Question, Links]:
    """Give questions about so many people of one business, each with all links of the person."""
    assets = default_world().assets
    told = truth(world_size(people)).items()
    return dict(islice(((asked, links) for asked, links in told if assets[asked[0]].business_id == JOHNS), people))


def groups_of(questions: Iterable[Question]) -> list[Group]:
    """Group questions by the token they are asked with."""
    values = defaultdict(list)
    for scope, value in questions:
        values[scope].append(value)
    return [Group(**_assets()[scope], values=tuple(told)) for scope, told in values.items()]


def _assets() -> dict[str, dict[str, str]]:
    assets = {}
    for business in describe(default_world())["businesses"]:
        secrets = {app["id"]: app["secret"] for app in business["apps"]}
        for asset in [*business["apps"], *business["pages"]]:
            app_id = asset.get("managed_by") or asset["id"]
            assets[asset["id"]] = {
                "scope": asset["id"], "app_id": app_id, "secret": secrets[app_id], "token": asset["token"]
            }  # fmt: skip
    return assets


def in_threads(
    threads: int, groups: list[Group], ask: Callable[[Group, tuple[str, ...]], Told]
) -> Iterator[tuple[Group, Told]]:
    """Ask batch by batch in so many threads; gives what each batch told, in order."""
    batches = [(group, values) for group in groups for values in group.batches()]
    with ThreadPoolExecutor(threads) as pool:
        told = pool.map(lambda batch: ask(*batch), batches)
        yield from zip((group for group, _ in batches), told, strict=True)


def check(answers: dict[Question, Links], expected: dict[Question, Links]) -> None:
    """End the benchmark if anything asked was not answered, or not as it is."""
    wrong = [question for question, links in expected.items() if answers.get(question) != links]
    if wrong or len(answers) != len(expected):
        told = answers.get(wrong[0]) if wrong else None
        raise SystemExit(f"{len(wrong)} of {len(expected)} answers are wrong; first: {wrong[:1]}: {told}")


def links_in(rows_of_edges: Iterable[Iterable[dict]]) -> Links:
    """Read the links out of the rows of both edges, in order."""
    kinds = zip((edge.gives for edge in EDGES), rows_of_edges, strict=True)
    return frozenset((row[kind]["id"], row["id"]) for kind, rows in kinds for row in rows)


def rows_in(node: dict) -> list[list[dict]]:
    """Give the rows of both edges of a node, as it came in JSON; what has a next page is not the whole."""
    edges = [node.get(edge, {"data": []}) for edge in EDGES]
    if any("next" in edge.get("paging", {}) for edge in edges):
        raise SystemExit("An edge has more than one page.")
    return [edge["data"] for edge in edges]
