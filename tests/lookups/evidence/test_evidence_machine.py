"""Whatever answers and decisions come, in whatever order: persons are what the evidence says, and nothing is lost.

A small world is driven at random. After each step the database is held against a plain reference (networkx),
and the states of matches against a model that is fed with the same answers.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lookups.evidence import conflicts, decisions
from lookups.evidence.decisions import CannotDecide
from lookups.evidence.region import Region
from lookups.models import (
    BY_HAND,
    LIVE,
    Answer,
    Conflict,
    Decision,
    Match,
    MatchEvent,
    Person,
    PersonEvent,
    ScopedID,
)  # fmt: skip
from tests.fuzzing import fuzzed
from tests.lookups.small_world import (
    DAY,
    EDGE_OF,
    FIRST,
    MINUTE,
    Kind,
    Place,
    Saying,
    World,
    founder,
    reference,
    rolled_back,
    sayings,
)  # fmt: skip
from tests.makers import NOW

LIMIT = 0 if os.environ.get("FUZZ_EXAMPLES") else 300  # no limit at length
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(LIMIT),
]
RANK = {"withdrawn": 0, "unconfirmed": 1, "confirmed": 2}
TABLES = (ScopedID, Person, Match, MatchEvent, PersonEvent, Decision, Conflict, Answer)
COUNTS = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table._meta.db_table})" for table in TABLES)
LOST = st.one_of(st.just(frozenset()), st.just(frozenset(FIRST)), st.frozensets(st.sampled_from(FIRST)))


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
        self.heard: list[tuple[Saying, datetime]] = []

    def is_late(self, saying: Saying, at: datetime) -> bool:
        return at <= self.latest.get(saying.source, at - MINUTE)

    def may_weaken(self, saying: Saying, at: datetime, key: tuple[Place, Place, str], caller: int) -> bool:
        """Tell whether an answer lacks this match though it should hold it, and none newer spoke of it.

        Answers are late edge by edge: a newer one about Pages knows nothing of apps, one that was narrowed to a Page
        nothing of the others, and another app's token sees with its own eyes.
        """
        lacks = key[1] not in saying.gives and self._speaks_of(saying, key, caller)
        return lacks and all(then < at for one, then in self.heard if self._speaks_of(one, key, caller))

    def _speaks_of(self, saying: Saying, key: tuple[Place, Place, str], caller: int) -> bool:
        source, target, edge = key
        covers = edge in saying.whole and saying.only in (None, target[0])
        return (saying.source, saying.caller) == (source, caller) and (covers or target in saying.gives)

    def hear(self, saying: Saying, at: datetime) -> None:
        """Take in an answer; of one that comes late only when it saw what it gives."""
        late = self.is_late(saying, at)
        self.heard.append((saying, at))
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
        self.counts = (0,) * len(TABLES)

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
        news = {key for key, match in before.items() if self.model.may_weaken(saying, at, key, self._caller(match))}
        self.model.hear(saying, at)
        self.world.learn((saying, at))
        if not late:
            return
        for key, match in self._stored_matches().items():
            if key[0] == saying.source:
                rank = RANK[before[key].state if key in before else "unconfirmed"]
                assert RANK[match.state] >= rank or key in news
                caller = self._caller(match)
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
        rows = list(ScopedID.objects.select_related("person", "asset", "business"))
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
        known = {row.public_id for row in rows}
        emptied = list(Person.objects.filter(scoped_ids=None))
        assert all(person.public_id in known for person in emptied)
        assert not any(person.now().is_empty for person in emptied[:1])

    def _states_are_those_of_the_model(self, rows: list[ScopedID], matches: list[Match]) -> None:
        stored = self._by_places(rows, matches)
        assert stored.keys() == self.model.matches.keys()
        for key, told in self.model.matches.items():
            match = stored[key]
            assert (match.state, match.missing_since, match.first_seen) == (told.state, told.missing, told.first_seen)
            assert self._caller(match) == told.caller

    def _who_has_two_ids_in_one_place_is_in_conflict(self, rows: list[ScopedID], running: list[Conflict]) -> None:
        by_key = {row.pk: row for row in rows}
        named = set()
        for conflict in running:
            if conflict.kind == Conflict.Kind.TWO_IDS:
                one, other = by_key[conflict.one_id], by_key[conflict.other_id]
                assert (one.person_id, one.asset) == (other.person_id, other.asset)
                named.add(one.person_id)
        held = Counter((row.person_id, row.asset_id) for row in rows)
        assert named == {person for (person, _), number in held.items() if number > 1}

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
        with connection.cursor() as cursor:
            cursor.execute(COUNTS)
            counts = cursor.fetchone()
        assert all(now >= before for now, before in zip(counts, self.counts, strict=True))
        self.counts = counts

    def _by_places(self, rows: Iterable[ScopedID], matches: Iterable[Match]) -> dict[tuple[Place, Place, str], Match]:
        """The matches that answers gave, by what they connect."""
        place = {row.pk: self.world.place(row) for row in rows}
        return {(place[m.source_id], place[m.target_id], m.edge): m for m in matches if m.edge != BY_HAND}

    def _caller(self, match: Match) -> int:
        return self.world.numbers[match.calling_app_id]

    def _stored_matches(self) -> dict[tuple[Place, Place, str], Match]:
        return self._by_places(ScopedID.objects.all(), Match.objects.all())


def _by_person(rows: Iterable[ScopedID]) -> Iterable[set[int]]:
    persons: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        persons[row.person_id].add(row.pk)
    return persons.values()


def test_whatever_happens_persons_are_what_the_evidence_says():
    EvidenceMachine.world = World()
    run_state_machine_as_test(EvidenceMachine, settings=settings(fuzzed(20), stateful_step_count=20))
