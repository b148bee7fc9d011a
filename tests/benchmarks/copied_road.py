"""The road of which `make bench-copy` takes the rows: the resolver as ever, but for Graph's answers, which are at hand.

Prints one line in JSON when people were seen for the first time: after which transaction each batch was recorded.
Then it waits for the word and refreshes the same people.
"""

import argparse
import json
import sys

from django.db import connection
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from lookups.graph import Edge, EdgeAnswer, LinkRow, LinksAnswer, LinksQuestion, NamedAsset, Receipt
from lookups.sandbox.world.default_world import default_world
from tests.benchmarks.big_store import row_hash
from tests.benchmarks.installation import ask, check_stored, install, resolver
from tests.benchmarks.questions import Links, Question, truths

NOWHERE = "http://127.0.0.1:9"  # nobody is called


class AnswersAtHand:
    """Stands where Graph's client stands and knows the sandbox's people."""

    def __init__(self, expected: dict[Question, Links]) -> None:
        self._links = {value: links - {(scope, value)} for (scope, value), links in expected.items()}
        self._assets = default_world().assets
        if len(self._links) != len(expected):
            raise SystemExit("Two people are asked about by the same ID.")

    def ask(self, questions: list[LinksQuestion], credential: object) -> list[LinksAnswer]:
        """Answer as Graph does, at once."""
        return [self._answer(question.node_id) for question in questions]

    def _answer(self, node_id: str) -> LinksAnswer:
        links = sorted(self._links[node_id])
        told = {edge: EdgeAnswer(tuple(self._rows(links, edge.gives))) for edge in Edge}
        receipt = Receipt(200, f"trace{node_id}", "v26.0", "v26.0", timezone.now())
        return LinksAnswer(node_id, told, receipt)

    def _rows(self, links: list[tuple[str, str]], kind: str) -> list[LinkRow]:
        assets = [(self._assets[scope], value) for scope, value in links]
        return [
            LinkRow(value, NamedAsset(asset.id, asset.name), row_hash(value))
            for asset, value in assets
            if asset.kind == kind
        ]


def resolve_all() -> list[int]:
    """Resolve all that is due, batch by batch; gives transactions between which each batch was claimed and recorded."""
    marks = [_transaction()]
    while resolver.resolve_turn("staff", at_once=1, most=1):
        marks.append(_transaction())
    return marks


def _transaction() -> int:
    """Take the number of a transaction of its own: those of savepoints before it are lower, too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (number,) = cursor.fetchone()
    return int(number)


def main() -> None:
    """Do what the driver orders."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    expected = truths(parser.parse_args().people)
    install(NOWHERE, expected)
    at_hand = AnswersAtHand(expected)
    resolver.graph_client = lambda: at_hand
    marks = resolve_all()
    check_stored(expected)
    connection.close()  # who is connected stands in the way of copying the database
    print(json.dumps(marks), flush=True)
    sys.stdin.readline()
    ask(expected)
    resolve_all()


if __name__ == "__main__":
    main()
