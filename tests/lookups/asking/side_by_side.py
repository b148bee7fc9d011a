"""Records answers in several threads at once, in a process of its own; prints what became of them as JSON.

`python -m tests.lookups.asking.side_by_side SEED`, on the PostgreSQL that DATABASE_URL names. Each answer gives two
other IDs of the person, so that what looked like several people turns out to be one, again and again.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from unittest.mock import patch

import networkx
from django.db import connection
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from businesses import turns
from businesses.credentials import Choice
from businesses.models import AppSecret, Asset, Business
from lookups.asking import recording
from lookups.asking.reports import Reported
from lookups.evidence import matching
from lookups.evidence.region import Region
from lookups.evidence.settling import CauseOf, settle
from lookups.graph import Edge, EdgeAnswer, LinkRow, LinksAnswer, NamedAsset, Receipt, edge_to
from lookups.management.invariants import invariants
from lookups.models import Answer, Lookup, Match, Run, ScopedID, State
from tests.makers import make_app, make_business, make_page, make_token

THREADS, PEOPLE, LOOKUPS, BATCH = 4, 30, 400, 4
IDS = 4  # of a person, of each app or Page
MOMENT = 0.02  # seconds between reading what is known and storing what follows
Node = tuple[int, str]  # which of the apps and Pages, and the value


class Play:
    """A business, its people, and answers about them."""

    def __init__(self, seed: int) -> None:
        self.chance, self.now = random.Random(seed), timezone.now()
        self.business = make_business()
        app = make_app(self.business, "one")
        self.assets: list[Asset] = [app, make_app(self.business, "two"), make_page(self.business, app)]
        self.run = Run.objects.create(business=self.business, kind=Run.Kind.ONE, created_at=self.now)
        secret = AppSecret.objects.filter(app=app).first()
        self.credentials = [Choice(asset, make_token(asset), secret) for asset in self.assets]
        numbers = (str(number) for number in count(1000))
        self.people = [[(asset, next(numbers)) for asset in range(3) for _ in range(IDS)] for _ in range(PEOPLE)]
        self.evidence = networkx.Graph()

    def batches(self) -> Iterator[tuple[list[Reported], Choice]]:
        """Give the batches, each about one app or Page."""
        asked = [self.chance.choice(self.chance.choice(self.people)) for _ in range(LOOKUPS)]
        for asset in range(3):
            nodes = [node for node in asked if node[0] == asset]
            for start in range(0, len(nodes), BATCH):
                yield [self._reported(node) for node in nodes[start : start + BATCH]], self.credentials[asset]

    def _reported(self, node: Node) -> Reported:
        asset, value = self.assets[node[0]], node[1]
        common = {"business": self.business, "run": self.run, "asset": asset, "created_at": self.now}
        lease = self.now + timedelta(minutes=10)
        lookup = Lookup.objects.create(
            **common, value=value, state=State.CLAIMED, attempt=1, tries=1, lane="bulk", lease_until=lease
        )
        person = next(ids for ids in self.people if node in ids)
        others = self.chance.sample([other for other in person if other != node], 2)
        self.evidence.add_node(node)
        self.evidence.add_edges_from((node, other) for other in others)
        return Reported(lookup, self._answer(value, others))

    def _answer(self, value: str, others: list[Node]) -> LinksAnswer:
        rows: dict[Edge, list[LinkRow]] = {edge: [] for edge in Edge}
        for number, other in others:
            asset = self.assets[number]
            rows[edge_to(asset.kind)].append(LinkRow(other, NamedAsset(asset.graph_id, asset.name), "0" * 64))
        # Not read to the end, so that a row that is left out takes nothing away: the order must not matter.
        told = {edge: EdgeAnswer(tuple(some), is_whole=False) for edge, some in rows.items()}
        return LinksAnswer(value, told, Receipt(200, "trace", "v26.0", "v26.0", self.now))

    def persons(self) -> set[frozenset[Node]]:
        """Give the persons that are stored."""
        numbers = {asset.pk: number for number, asset in enumerate(self.assets)}
        persons: dict[int, set[Node]] = {}
        for asset, value, person in ScopedID.objects.values_list("asset", "value", "person"):
            persons.setdefault(person, set()).add((numbers[asset], value))
        return set(map(frozenset, persons.values()))


def counted(name: str, calls: Counter[str]) -> Callable[[int], Business]:
    turn: Callable[[int], Business] = getattr(turns, name)

    def call(business_pk: int) -> Business:
        calls[name] += 1
        return turn(business_pk)

    return call


def slowly(region: Region, cause_of: CauseOf) -> list[list[ScopedID]]:
    """Store persons after a moment, in which others may read what is about to change."""
    time.sleep(MOMENT)
    return settle(region, cause_of)


def main() -> None:
    """Play, and tell."""
    play, calls = Play(int(sys.argv[1])), Counter[str]()
    batches = list(play.batches())
    play.chance.shuffle(batches)

    def record(batch: tuple[list[Reported], Choice]) -> None:
        now = timezone.now()
        recording.record(*batch, asked_at=now, now=now)
        connection.close()

    alone, beside = counted("alone_with", calls), counted("beside_others", calls)
    with ExitStack() as patched:
        patched.enter_context(patch.object(turns, "alone_with", alone))
        patched.enter_context(patch.object(turns, "beside_others", beside))
        patched.enter_context(patch.object(matching, "settle", slowly))
        threads = patched.enter_context(ThreadPoolExecutor(THREADS))
        list(threads.map(record, batches))
    expected = set(map(frozenset, networkx.connected_components(play.evidence)))
    print(
        json.dumps(
            {
                "batches": len(batches),
                "turns": calls,
                "persons are right": play.persons() == expected,
                "directions": Match.objects.count(),
                "answers": Answer.objects.count(),
                "not done": Lookup.objects.exclude(state=State.DONE).count(),
                "broken": [name for name, rows in invariants().items() if rows.exists()],
            }
        )
    )


if __name__ == "__main__":
    main()
