"""idlink's client alone, nothing stored: batches of fifty from sixteen threads that share it."""

from concurrent.futures import ThreadPoolExecutor

from lookups.graph import CallCredential, GraphClient, LinksAnswer, LinksQuestion
from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import Group, Links, check, groups_of, truths

VERSION = "v26.0"
THREADS = 16


def fetched(groups: list[Group], url: str) -> dict:
    """Ask about all; gives the reply to each question."""
    client = GraphClient(url, VERSION)
    batches = [(group, values) for group in groups for values in group.batches()]

    def ask(batch: tuple[Group, tuple[str, ...]]) -> dict:
        group, values = batch
        replies = client.ask([LinksQuestion(value) for value in values], CallCredential(group.token, group.secret))
        return {(group.scope, value): reply for value, reply in zip(values, replies, strict=True)}

    with ThreadPoolExecutor(THREADS) as threads:
        return {question: reply for told in threads.map(ask, batches) for question, reply in told.items()}


def links_of(reply: object) -> Links:
    """Read the links out of an answer; an error or half an answer has none."""
    if not isinstance(reply, LinksAnswer) or not reply.complete:
        return frozenset()
    return frozenset((row.asset.id, row.id) for edge in reply.told.values() for row in edge.rows)


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths(given.people)
    groups = groups_of(expected)
    told, figures = measured(lambda: fetched(groups, given.url), given)
    check({question: links_of(reply) for question, reply in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
