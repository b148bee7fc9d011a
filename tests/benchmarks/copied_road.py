"""The road whose rows are copied: a list worked off as ever, but for Graph's answers, which are at hand.

Prints one line in JSON when people were seen for the first time: after which transaction each batch was recorded.
Then it may be told to refresh the same people.
"""

import argparse
import json
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from lookups.graph import Edge, EdgeAnswer, LinkRow, LinksAnswer, LinksQuestion, NamedAsset, Receipt
from lookups.lists import feeding, running
from lookups.models import Lane
from lookups.sandbox.world.default_world import default_world
from tests.benchmarks.big_store import row_hash
from tests.benchmarks.installation import ask, install_list, resolver, stored_by_idlink
from tests.benchmarks.questions import Links, Question, truths_of_one
from tests.benchmarks.stored import check_stored

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


def work_off() -> list[int]:
    """Work off the list; gives transactions between which each batch was claimed and recorded, some fed before it."""
    marks = [_transaction()]
    while feeding.feed(timezone.now()):
        while resolver.resolve_turn(Lane.BULK, at_once=1, most=1):
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
    expected = truths_of_one(parser.parse_args().people)
    begun = timezone.now()
    run = install_list(NOWHERE, expected, Path(settings.VAR_DIR))
    at_hand = AnswersAtHand(expected)
    resolver.graph_client = lambda: at_hand
    running.start(run, by=None, now=timezone.now())
    marks = work_off()
    check_stored(stored_by_idlink(), expected, begun)
    connection.close()  # who is connected stands in the way of copying the database
    print(json.dumps(marks), flush=True)
    if sys.stdin.readline():
        ask(expected)
        while resolver.resolve_turn(Lane.STAFF, at_once=1):
            pass


if __name__ == "__main__":
    main()
