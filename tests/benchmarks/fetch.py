"""idlink's client alone, nothing stored: batches of fifty from threads that share it."""

from lookups.graph import CallCredential, GraphClient, GraphReply, LinksAnswer, LinksQuestion
from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import Group, Links, check, groups_of, in_threads, truths_of_one

VERSION = "v26.0"


def fetched(groups: list[Group], url: str, threads: int) -> dict:
    """Ask about all; gives the reply to each question."""
    client = GraphClient(url, VERSION)

    def ask(group: Group, values: tuple[str, ...]) -> list[tuple[str, GraphReply]]:
        replies = client.ask([LinksQuestion(value) for value in values], CallCredential(group.token, group.secret))
        return list(zip(values, replies, strict=True))

    return {(group.scope, value): reply for group, told in in_threads(threads, groups, ask) for value, reply in told}


def links_of(reply: object) -> Links:
    """Read the links out of an answer; an error or half an answer has none."""
    if not isinstance(reply, LinksAnswer) or not reply.complete:
        return frozenset()
    return frozenset((row.asset.id, row.id) for edge in reply.told.values() for row in edge.rows)


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths_of_one(given.people)
    groups = groups_of(expected)
    told, figures = measured(lambda: fetched(groups, given.url, given.threads), given)
    check({question: links_of(reply) for question, reply in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
