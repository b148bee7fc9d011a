"""Whatever answers and decisions come, in whatever order: persons are what the evidence says, and nothing is lost.

A small world is driven at random. After each step the database is held against a plain reference (networkx),
and the states of matches against a model that is fed with the same answers.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import networkx
import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from businesses.models import Business, FacebookApp
from lookups import conflicts, decisions, matching
from lookups.decisions import CannotDecide
from lookups.evidence import Finding, Node, Row
from lookups.models import (
    BY_HAND,
    LIVE,
    Answer,
    Conflict,
    Decision,
    Lookup,
    Match,
    MatchEvent,
    Person,
    PersonEvent,
    Run,
    ScopedID,
)  # fmt: skip
from lookups.models.scoped_id import scope_of
from lookups.outcomes import Edge
from lookups.region import Region
from tests.fuzzing import fuzzed
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.database,
    pytest.mark.timeout(120 + int(os.environ.get("FUZZ_EXAMPLES") or 0)),
]

Place = tuple[int, str]  # the number of an app or Page of the small world, and a value
VALUES = "12"
FIRST = [(asset, value) for asset in range(4) for value in VALUES]
SECOND = [(asset, value) for asset in (4, 5) for value in VALUES]
APPS_OF = {0: (0, 1), 1: (0, 1), 2: (0, 1), 3: (0, 1), 4: (4,), 5: (4,)}
EDGE_OF = {0: Edge.APPS, 1: Edge.APPS, 2: Edge.PAGES, 3: Edge.PAGES, 4: Edge.APPS, 5: Edge.PAGES}
MINUTE, DAY = timedelta(minutes=1), timedelta(hours=25)
RANK = {"withdrawn": 0, "unconfirmed": 1, "confirmed": 2}
TABLES = (ScopedID, Person, Match, MatchEvent, PersonEvent, Decision, Conflict, Answer)
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


def simple_sayings(most: int = 1) -> st.SearchStrategy[list[Saying]]:
    """Complete answers about the first business, each about another ID.

    With one row each no two links are of one moment: else chance, which makes public IDs, has a say in their order.
    """
    some = st.builds(Saying, st.sampled_from(FIRST), st.frozensets(st.sampled_from(FIRST), max_size=most))
    return st.lists(some, min_size=1, max_size=7, unique_by=lambda saying: saying.source)


LOST = st.one_of(st.just(frozenset()), st.just(frozenset(FIRST)), st.frozensets(st.sampled_from(FIRST)))


@contextmanager
def rolled_back(world: "World") -> Iterator[None]:
    """Leave the database as it was."""
    with transaction.atomic():
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
        self.numbers = {(isinstance(asset, FacebookApp), asset.pk): n for n, asset in enumerate(self.assets)}
        self.answers = 0

    def _lookup(self, app: FacebookApp) -> Lookup:
        run = Run.objects.create(business=app.business, kind=Run.Kind.ONE, created_at=NOW)
        return Lookup.objects.create(business=app.business, run=run, app=app, value="1", created_at=NOW)

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
        rows = tuple(Row(EDGE_OF[place[0]], self.node(place), "0" * 64) for place in sorted(saying.gives))
        only = None if saying.only is None else self.assets[saying.only]
        return Finding(answer, source, rows, dict.fromkeys(sorted(saying.whole), only))

    def node(self, place: Place) -> Node:
        return Node(self.assets[place[0]], place[1])

    def place(self, row: ScopedID) -> Place:
        return self.numbers[row.app_id is not None, row.app_id or row.page_id], row.value

    def scoped_id(self, place: Place) -> ScopedID:
        return ScopedID.objects.get(**scope_of(self.assets[place[0]]), value=place[1])

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


@dataclass
class Told:
    """What the answers so far say of one match."""

    first_seen: datetime
    caller: int
    state: str = "confirmed"
    missing: datetime | None = None


class Model:
    """The states of matches by the rules, from the answers alone."""

    def __init__(self) -> None:
        self.matches: dict[tuple[Place, Place, str], Told] = {}
        self.first_seen: dict[Place, datetime] = {}
        self.latest: dict[Place, datetime] = {}

    def is_late(self, saying: Saying, at: datetime) -> bool:
        return at <= self.latest.get(saying.source, at - MINUTE)

    def hear(self, saying: Saying, at: datetime) -> None:
        """Take in an answer; of one that comes late only when it saw what it gives."""
        late = self.is_late(saying, at)
        for place in {saying.source, *saying.gives}:
            self.first_seen[place] = min(at, self.first_seen.get(place, at))
        for place in saying.gives - {saying.source}:
            told = self.matches.setdefault((saying.source, place, EDGE_OF[place[0]]), Told(at, saying.caller))
            told.first_seen = min(at, told.first_seen)
            if not late:
                told.state, told.missing, told.caller = "confirmed", None, saying.caller
        if not late:
            self.latest[saying.source] = at
            self._miss(saying, at)

    def _miss(self, saying: Saying, at: datetime) -> None:
        for (source, target, edge), told in self.matches.items():
            asked = source == saying.source and edge in saying.whole and saying.only in (None, target[0])
            if not asked or target in saying.gives or told.caller != saying.caller:
                continue
            if told.state == "confirmed":
                told.state, told.missing = "unconfirmed", at
            elif told.state == "unconfirmed" and told.missing and at >= told.missing + timedelta(hours=24):
                told.state = "withdrawn"


class EvidenceMachine(RuleBasedStateMachine):
    """Answers and decisions at random, in a database that is rolled back in the end."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.block = rolled_back(self.world)
        self.block.__enter__()
        self.model, self.now = Model(), NOW
        self.said: list[Saying] = []
        self.counts: Counter[type] = Counter()

    def teardown(self) -> None:
        self.block.__exit__(None, None, None)

    # -- answers

    @rule(told=st.lists(sayings(), min_size=1, max_size=4), step=st.sampled_from([MINUTE, DAY]))
    def answers_arrive(self, told: list[Saying], step: timedelta) -> None:
        self._tell(told, step)

    @precondition(lambda self: self.said)
    @rule(which=st.integers(0, 30), lost=LOST, step=st.sampled_from([MINUTE, DAY]))
    def an_answer_is_repeated_with_rows_lost(self, which: int, lost: frozenset[Place], step: timedelta) -> None:
        saying = self.said[-1 - which % len(self.said)]
        self._tell([replace(saying, gives=saying.gives - lost)], step)

    @rule(saying=sayings(), minutes=st.integers(1, 4000))
    def an_answer_is_stored_late(self, saying: Saying, minutes: int) -> None:
        at = self.now - timedelta(minutes=minutes)
        late, before = self.model.is_late(saying, at), self._stored_matches()
        self.model.hear(saying, at)
        self.world.learn((saying, at))
        if not late:
            return
        for key, match in self._stored_matches().items():
            if key[0] == saying.source:
                assert RANK[match.state] >= RANK[before[key].state if key in before else "unconfirmed"]
                caller = self.world.numbers[True, match.calling_app_id]
                self.model.matches[key] = Told(match.first_seen, caller, match.state, match.missing_since)

    def _tell(self, told: list[Saying], step: timedelta) -> None:
        self.now += step
        timed = [(saying, self.now + n * MINUTE) for n, saying in enumerate(told)]
        self.now = timed[-1][1]
        self.said += told
        for saying, at in timed:
            self.model.hear(saying, at)
        self.world.learn(*reversed(timed))

    # -- decisions

    @rule(data=st.data(), kind=st.sampled_from([Kind.RETRACT, Kind.RETRACT, Kind.ASSERT, Kind.KEEP_APART]))
    def somebody_decides(self, data: st.DataObject, kind: Kind) -> None:
        live = Match.objects.filter(is_live=True).order_by("pk").values_list("source", "target")
        rows = ScopedID.objects.order_by("pk")
        pairs = list(live) if kind == Kind.RETRACT else [(a.pk, b.pk) for a in rows for b in rows if a.pk != b.pk]
        if pairs:
            one, other = (ScopedID.objects.get(pk=pk) for pk in data.draw(st.sampled_from(pairs)))
            now = self._minute_later()
            self._as_previewed(
                lambda: decisions.preview(kind, one, other),
                lambda: decisions.decide(kind, one, other, reason="so", by=None, now=now),
            )

    @precondition(lambda self: Decision.objects.filter(undone_at=None).exists())
    @rule(data=st.data())
    def a_decision_is_taken_back(self, data: st.DataObject) -> None:
        decision = data.draw(st.sampled_from(list(Decision.objects.filter(undone_at=None))))
        settled = list(Conflict.objects.filter(settled_by=decision, ended_at=None))
        now = self._minute_later()
        self._as_previewed(
            lambda: decisions.preview_undo(decision), lambda: decisions.undo(decision, reason="no", by=None, now=now)
        )
        assert all(c.is_open or c.ended_at for c in Conflict.objects.filter(pk__in=[c.pk for c in settled]))

    @precondition(lambda self: Conflict.objects.filter(ended_at=None, settled_by=None).exists())
    @rule(data=st.data())
    def a_conflict_is_accepted(self, data: st.DataObject) -> None:
        conflict = data.draw(st.sampled_from(list(conflicts.open_ones(Conflict.objects.all()))))
        before = self.world.persons()
        decisions.accept(conflict, reason="so", by=None, now=self._minute_later())
        conflict.refresh_from_db()
        assert not conflict.is_open
        assert self.world.persons() == before

    @rule()
    def everything_is_started_anew(self) -> None:
        self.world.forget()

    def _minute_later(self) -> datetime:
        self.now += MINUTE
        return self.now

    def _as_previewed(self, preview, act) -> None:
        """What is shown beforehand is what comes; what is refused beforehand is refused, and changes nothing."""
        before = set(self.world.persons().values())
        try:
            shown = preview()
        except CannotDecide:
            with pytest.raises(CannotDecide):
                act()
            assert set(self.world.persons().values()) == before
            return
        assert set(self.world.persons().values()) == before
        act()
        gone, come = (
            {frozenset(map(self.world.place, group)) for group in side} for side in (shown.before, shown.after)
        )
        assert gone <= before
        assert set(self.world.persons().values()) == before - gone | come

    # -- what holds after each step

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        rows = list(ScopedID.objects.select_related("person", "app", "page", "business"))
        matches, running = (
            list(Match.objects.select_related("retracted_by")),
            list(Conflict.objects.filter(ended_at=None)),
        )
        kept = Decision.objects.filter(kind=Kind.KEEP_APART, undone_at=None)
        apart = list(kept.values_list("one", "other"))
        self._persons_are_what_the_evidence_says(rows, matches, apart)
        self._states_are_those_of_the_model(rows, matches)
        self._who_has_two_ids_in_one_place_is_in_conflict(rows, running)
        self._conflicts_are_those_of_all_evidence_together(rows, matches, apart, running)
        self._nothing_is_deleted()

    def _persons_are_what_the_evidence_says(
        self, rows: list[ScopedID], matches: list[Match], apart: list[tuple[int, int]]
    ) -> None:
        live = [match for match in matches if match.state in LIVE and match.retracted_by_id is None]
        assert live == [match for match in matches if match.is_live]
        assert {frozenset(group) for group in _by_person(rows)} == reference(rows, live, apart)
        assert len({self.world.place(row) for row in rows}) == len(rows)
        for row in rows:
            assert row.person.business_id == row.business_id
            assert row.first_seen == self.model.first_seen[self.world.place(row)]
        for name, places in self.world.persons_of(rows).items():
            assert name == founder(places, self.model.first_seen)
        for person in Person.objects.filter(scoped_ids=None):
            assert not person.now().is_empty

    def _states_are_those_of_the_model(self, rows: list[ScopedID], matches: list[Match]) -> None:
        stored = self._by_places(rows, matches)
        assert stored.keys() == self.model.matches.keys()
        for key, told in self.model.matches.items():
            match = stored[key]
            assert (match.state, match.missing_since, match.first_seen) == (told.state, told.missing, told.first_seen)
            assert self.world.numbers[True, match.calling_app_id] == told.caller

    def _who_has_two_ids_in_one_place_is_in_conflict(self, rows: list[ScopedID], running: list[Conflict]) -> None:
        by_key = {row.pk: row for row in rows}
        named = set()
        for conflict in running:
            if conflict.kind == Conflict.Kind.TWO_IDS:
                one, other = by_key[conflict.one_id], by_key[conflict.other_id]
                assert (one.person_id, one.asset) == (other.person_id, other.asset)
                named.add(one.person_id)
        held = Counter((row.person_id, row.app_id, row.page_id) for row in rows)
        assert named == {person for (person, _, _), number in held.items() if number > 1}

    def _conflicts_are_those_of_all_evidence_together(
        self, rows: list[ScopedID], matches: list[Match], apart: list[tuple[int, int]], running: list[Conflict]
    ) -> None:
        present, by_key = set(), {row.pk: row for row in rows}
        for business in {row.business_id: row.business for row in rows}.values():
            region = Region(business, {row.public_id: row for row in rows if row.business_id == business.pk})
            for match in matches:
                if match.business_id == business.pk:
                    match.source, match.target = by_key[match.source_id], by_key[match.target_id]
                    region.matches.append(match)
            region.apart = {
                (one.public_id, other.public_id) for one, other in ((by_key[a], by_key[b]) for a, b in apart)
            }
            present |= conflicts._present(region, region.groups())
        names = {None: "", **{row.pk: row.public_id for row in rows}}
        assert {(c.kind, names[c.one_id], names[c.other_id], c.detail) for c in running} == present

    def _nothing_is_deleted(self) -> None:
        counts = Counter({table: table.objects.count() for table in TABLES})
        assert counts >= self.counts
        self.counts = counts

    def _by_places(self, rows: Iterable[ScopedID], matches: Iterable[Match]) -> dict[tuple[Place, Place, str], Match]:
        """The matches that answers gave, by what they connect."""
        place = {row.pk: self.world.place(row) for row in rows}
        return {(place[m.source_id], place[m.target_id], m.edge): m for m in matches if m.edge != BY_HAND}

    def _stored_matches(self) -> dict[tuple[Place, Place, str], Match]:
        return self._by_places(ScopedID.objects.all(), Match.objects.all())


def _by_person(rows: Iterable[ScopedID]) -> Iterable[set[int]]:
    persons: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        persons[row.person_id].add(row.pk)
    return persons.values()


@pytest.fixture
def world():
    return World()


def test_whatever_happens_persons_are_what_the_evidence_says(world):
    EvidenceMachine.world = world
    settings = fuzzed(40)
    unhurried = [*settings.suppress_health_check, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        EvidenceMachine, settings=type(settings)(settings, stateful_step_count=20, suppress_health_check=unhurried)
    )


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
