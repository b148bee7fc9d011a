"""A small world for fuzz tests: two businesses that use the same digits, and answers made of a few letters."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from unittest.mock import patch

import networkx
from django.db import transaction
from hypothesis import strategies as st

from businesses.models import Business, FacebookApp
from lookups.evidence import decisions, matching
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.models import BY_HAND, Answer, Decision, Lookup, Match, Run, ScopedID
from lookups.models.outcomes import Edge
from tests.makers import NOW, make_app, make_business, make_page

Place = tuple[int, str]  # the number of an app or Page of the small world, and a value
VALUES = "12"
FIRST = [(asset, value) for asset in range(4) for value in VALUES]
SECOND = [(asset, value) for asset in (4, 5) for value in VALUES]
APPS_OF = {0: (0, 1), 1: (0, 1), 2: (0, 1), 3: (0, 1), 4: (4,), 5: (4,)}
EDGE_OF = {0: Edge.APPS, 1: Edge.APPS, 2: Edge.PAGES, 3: Edge.PAGES, 4: Edge.APPS, 5: Edge.PAGES}
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=25)
Kind = Decision.Kind


@dataclass(frozen=True)
class Saying:
    """What an answer says about an ID: which IDs it gives, which edges were read to their end, who asked for what."""

    source: Place
    gives: frozenset[Place]
    whole: frozenset[Edge] = frozenset(Edge)
    only: int | None = None
    caller: int = 0


@st.composite
def sayings(draw: st.DrawFn) -> Saying:
    """Any answer; most often about the first business, complete and not filtered."""
    places = draw(st.sampled_from([FIRST, FIRST, FIRST, SECOND]))
    source = draw(st.sampled_from(places))
    gives = draw(st.frozensets(st.sampled_from(places), max_size=3))
    whole = draw(st.sampled_from([frozenset(Edge), frozenset(Edge), frozenset({Edge.APPS}), frozenset()]))
    only = draw(st.sampled_from([None, None, None, *{asset for asset, _ in places}]))
    if only is not None:
        gives = frozenset(place for place in gives if place[0] == only)
        whole = frozenset({EDGE_OF[only]}) if whole else whole
    return Saying(source, gives, whole, only, draw(st.sampled_from(APPS_OF[source[0]])))


@contextmanager
def rolled_back(world: "World") -> Iterator[None]:
    """Leave the database as it was. Public IDs are counted, not drawn: an example that is run again is the same."""
    names = (f"N{number:09}" for number in count())
    with transaction.atomic(), patch("lookups.evidence.matching.new_public_id", lambda: next(names)):
        world.answers = 0
        yield
        transaction.set_rollback(True)


class World:
    """Two businesses that use the same digits: four apps and Pages of the first, two of the second."""

    def __init__(self) -> None:
        first, second = make_business("First"), make_business("Second")
        app, other = make_app(first, "one"), make_app(first, "two")
        theirs = make_app(second, "three")
        self.assets = [app, other, make_page(first, app, "one"), make_page(first, app, "two")]
        self.assets += [theirs, make_page(second, theirs, "three")]
        self.lookups = {asset.business_id: self._lookup(asset) for asset in (app, theirs)}
        self.numbers = {asset.pk: n for n, asset in enumerate(self.assets)}
        self.answers = 0

    def _lookup(self, app: FacebookApp) -> Lookup:
        run = Run.objects.create(business=app.business, kind=Run.Kind.ONE, created_at=NOW)
        return Lookup.objects.create(business=app.business, run=run, asset=app, value="1", created_at=NOW)

    def forget(self) -> None:
        """Read everything anew, as another process would."""
        self.assets = [type(a).objects.select_related("business").get(pk=a.pk) for a in self.assets]

    def learn(self, *told: tuple[Saying, datetime]) -> None:
        """Store answers, each with its time, as one batch for each business."""
        by_business: dict[Business, list[Finding]] = defaultdict(list)
        for saying, at in told:
            by_business[self.assets[saying.source[0]].business].append(self._finding(saying, at))
        for business, findings in by_business.items():
            matching.learn(business, findings)

    def _finding(self, saying: Saying, at: datetime) -> Finding:
        self.answers += 1
        source = self.node(saying.source)
        answer = Answer.objects.create(
            business=source.asset.business, lookup=self.lookups[source.asset.business_id], attempt=self.answers,
            calling_app=self.assets[saying.caller], at=at, edges="", complete=bool(saying.whole),
            token_fingerprint="f", version_asked="v26.0",
        )  # fmt: skip
        rows = tuple(AnswerRow(EDGE_OF[place[0]], self.node(place), "0" * 64) for place in sorted(saying.gives))
        only = None if saying.only is None else self.assets[saying.only]
        return Finding(answer, source, rows, dict.fromkeys(sorted(saying.whole), only))

    def node(self, place: Place) -> Node:
        return Node(self.assets[place[0]], place[1])

    def place(self, row: ScopedID) -> Place:
        return self.numbers[row.asset_id], row.value

    def scoped_id(self, place: Place) -> ScopedID:
        return ScopedID.objects.get(asset=self.assets[place[0]], value=place[1])

    def persons(self) -> dict[Place, frozenset[Place]]:
        """The persons, each by the ID whose public ID it carries."""
        return self.persons_of(ScopedID.objects.select_related("person"))

    def persons_of(self, rows: Iterable[ScopedID]) -> dict[Place, frozenset[Place]]:
        """The persons of these IDs."""
        members, owners = defaultdict(set), {}
        for row in rows:
            members[row.person.public_id].add(self.place(row))
            owners[row.public_id] = self.place(row)
        return {owners[name]: frozenset(places) for name, places in members.items()}

    def states(self) -> dict[tuple[Place, Place, str], tuple[str, bool]]:
        """What is said of each match, and whether it counts."""
        rows = Match.objects.select_related("source", "target")
        return {
            (self.place(row.source), self.place(row.target), row.edge): (row.state, row.is_live)
            for row in rows
            if row.edge != BY_HAND or row.is_live
        }

    def decide(self, kind: Kind, one: Place, other: Place, now: datetime) -> Decision:
        return decisions.decide(kind, self.scoped_id(one), self.scoped_id(other), reason="so", by=None, now=now)


def founder(places: Iterable[Place], first_seen: dict[Place, datetime]) -> Place:
    """Who was seen first; ties by ASID before PSID, app or Page (made in that order), value."""
    return min(places, key=lambda place: (first_seen[place], EDGE_OF[place[0]] == Edge.PAGES, place))


def reference(rows: list[ScopedID], live: list[Match], apart: list[tuple[int, int]]) -> set[frozenset[int]]:
    """The persons by the rule: live matches in their order, but for those that would join a pair kept apart."""
    names = {row.pk: row.public_id for row in rows}
    graph = networkx.Graph()
    graph.add_nodes_from(names)
    for match in sorted(live, key=lambda m: (m.first_seen, names[m.source_id], names[m.target_id], m.edge)):
        if not graph.has_edge(match.source_id, match.target_id):
            graph.add_edge(match.source_id, match.target_id)
            if any(networkx.has_path(graph, *pair) for pair in apart):
                graph.remove_edge(match.source_id, match.target_id)
    return set(map(frozenset, networkx.connected_components(graph)))
