"""One rule says what is stale: the page, the filter, the export, the refresh, the count and lists give one answer."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.contrib.admin import site
from django.test import RequestFactory
from django.utils import timezone

from businesses.models import Asset
from lookups.admin.people.person_filters import StateFilter
from lookups.evidence import decisions, matching
from lookups.evidence.freshness import fresh_values, stale_before
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.freshness import counting
from lookups.freshness.due import to_refresh
from lookups.lists import exports
from lookups.models import Answer, Decision, Lookup, Match, Person, Question, Run, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, edge_to, outcome_column
from lookups.people.grid import ProvedID, grid_of
from lookups.people.known import known_of
from tests.makers import make_app, make_business, make_page, make_user

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BOTH, APPS, PAGES, NEITHER = frozenset(Edge), frozenset({Edge.APPS}), frozenset({Edge.PAGES}), frozenset[Edge]()
ALL = {0, 1, 2}
Kind = Decision.Kind


@dataclass(frozen=True)
class Said:
    """What an answer said, so many days ago, about one of three IDs: the first two are of apps, the third of a Page.

    `whole` are the edges it told to their end; the others were refused, or told in part if `gives` holds one of theirs.
    """

    about: int
    days: float
    gives: frozenset[int] = frozenset()
    whole: frozenset[Edge] = BOTH
    only: int | None = None
    caller: int = 0
    imported: bool = False


@dataclass(frozen=True)
class Story:
    """Answers, then a decision about two of the IDs; the import may be undone."""

    said: tuple[Said, ...]
    decided: tuple[Kind, int, int] | None = None
    undone: bool = False


def on_page(person: Person, now: datetime) -> list[ProvedID]:
    """The IDs that the person's page shows."""
    return [one for of_kind in grid_of(known_of(person), now=now) for cell in of_kind.cells for one in cell.ids]


class StoredStory:
    """A story as it is stored, in a business of its own; and who is stale, by each that tells."""

    def __init__(self, story: Story) -> None:
        self.now = timezone.now()
        self.business = make_business()
        self.user = make_user(f"member {self.business.pk}", self.business)
        apps = [make_app(self.business, name, secret="") for name in ("one", "two")]
        self.assets: list[Asset] = [*apps, make_page(self.business, apps[0])]
        self.runs = {kind: self._run(kind) for kind in (Run.Kind.ONE, Run.Kind.LIST)}
        for number in ALL:  # each was seen once, long ago, when nothing was answered
            self._learn(Said(number, 400, whole=NEITHER))
        for said in sorted(story.said, key=lambda said: -said.days):
            self._learn(said)
        self.rows = [ScopedID.objects.get(asset=asset) for asset in self.assets]
        if story.decided:
            kind, one, other = story.decided
            decisions.decide(kind, self.rows[one], self.rows[other], reason="so", by=None, now=self.now)
        if story.undone:
            run, made_at = self.runs[Run.Kind.LIST], self.now
            Decision.objects.create(business=self.business, kind=Kind.UNDO, run=run, reason="so", made_at=made_at)
        self.rows = [ScopedID.objects.get(asset=asset) for asset in self.assets]
        self.cutoff = stale_before(self.business, self.now)

    def _run(self, kind: Run.Kind) -> Run:
        return Run.objects.create(business=self.business, kind=kind, created_at=self.now)

    def _learn(self, said: Said) -> None:
        run = self.runs[Run.Kind.LIST if said.imported else Run.Kind.ONE]
        common = {"business": self.business, "run": run, "asset": self.assets[said.about], "value": "1"}
        lookup = Lookup.objects.create(**common, created_at=self.now)
        answer = Answer.objects.create(
            business=self.business, lookup=lookup, attempt=1, calling_app=self.assets[said.caller],
            at=self.now - timedelta(days=said.days), edges="", complete=bool(said.whole), token_fingerprint="f",
            version_asked="v26.0",
        )  # fmt: skip
        rows = tuple(AnswerRow(edge_to(self.assets[n].kind), self._node(n), "0" * 64) for n in sorted(said.gives))
        only = None if said.only is None else self.assets[said.only]
        matching.learn(self.business, [Finding(answer, self._node(said.about), rows, dict.fromkeys(said.whole, only))])

    def _node(self, number: int) -> Node:
        return Node(self.assets[number], "1")

    def by_page(self) -> set[int]:
        shown = [one for person in self._people() for one in on_page(person, self.now)]
        assert len(shown) == len(self.rows)
        return self._numbers(one.scoped_id.pk for one in shown if one.stale)

    def by_filter(self) -> set[str]:
        request = RequestFactory().get("/")
        request.user = self.user
        chosen = StateFilter(request, {"state": ["stale"]}, Person, site.get_model_admin(Person))
        people = Person.objects.filter(pk__in=[person.pk for person in self._people()])
        return set(chosen.queryset(request, people).values_list("public_id", flat=True))

    def by_export(self) -> set[int]:
        filters = exports.Filters(stale_before=self.cutoff)
        header, *rows = exports.links_of(self.business, exports.Shape.IDS, filters)
        named = {row[header.index("ID of the app or Page")] for row in rows}
        return {number for number, asset in enumerate(self.assets) if asset.graph_id in named}

    def by_export_of_people(self) -> set[str]:
        _, *rows = exports.links_of(self.business, exports.Shape.PEOPLE, exports.Filters(stale_before=self.cutoff))
        return {row[0] for row in rows}

    def by_refresh(self) -> set[int]:
        found = to_refresh(self.business, [person.pk for person in self._people()], self.cutoff).values()
        return self._numbers(key for person in found for key in person.due(self.cutoff))

    def by_count(self) -> int:
        return counting.count(self.business, self.now).due

    def by_lists(self) -> set[int]:
        return {number for number in ALL if not fresh_values(self.assets[number], ["1"], self.cutoff)}

    def by_the_rule(self) -> set[int]:
        """The rule once more, read off the rows in plain Python."""
        silent = set(Decision.objects.filter(kind=Kind.UNDO).values_list("run", flat=True))
        own = {row.pk: _oldest(row, silent) for row in self.rows}
        times = {pk: [at] if at else [] for pk, at in own.items()}
        for match in Match.objects.filter(business=self.business).select_related("source__person", "target__person"):
            counts = match.is_live and match.state == "confirmed" and match.edge != "by_hand"
            together = match.source.person == match.target.person
            latest = match.edge != "by_hand" and match.source.answered_at(match.edge, match.calling_app_id)
            if counts and together and latest and own[match.source_id]:
                times[match.target_id].append(own[match.source_id])
        return self._numbers(pk for pk, found in times.items() if not found or max(found) < self.cutoff)

    def owners(self, numbers: set[int]) -> set[str]:
        return {self.rows[number].person.public_id for number in numbers}

    def _people(self) -> list[Person]:
        return list(Person.objects.filter(scoped_ids__in=self.rows).distinct())

    def _numbers(self, keys) -> set[int]:
        wanted = set(keys)
        return {number for number, row in enumerate(self.rows) if row.pk in wanted}


def _oldest(row: ScopedID, silent: set[int]) -> datetime | None:
    answers = [row.answer_about(edge) for edge in Edge]
    if not all(answers) or any(answer.lookup.run_id in silent for answer in answers):
        return None
    return min(answer.at for answer in answers)


def agreed(stored: StoredStory) -> set[int]:
    """Who is stale, by all that tell."""
    stale = stored.by_the_rule()
    assert stored.by_page() == stale
    assert stored.by_export() == stale
    assert stored.by_refresh() == stale
    assert stored.by_lists() == stale
    assert stored.by_count() == len(stale)
    assert stored.by_filter() == stored.owners(stale)
    assert stored.by_export_of_people() == stored.owners(stale)
    return stale


NAMES_BOTH = Said(0, 1, frozenset({1, 2}))
STORIES = {
    "nothing was ever answered": (Story(()), ALL),
    "an answer of today names all": (Story((NAMES_BOTH,)), set()),
    "an answer of long ago names all": (Story((Said(0, 31, frozenset({1, 2})),)), ALL),
    "one edge was answered, the other refused": (Story((Said(0, 1, frozenset({1}), APPS),)), ALL),
    "one edge was answered today, the other long ago": (
        Story((Said(0, 40, frozenset({2}), PAGES), Said(0, 1, frozenset({1}), APPS))), ALL,
    ),
    "both edges were answered, each by another answer": (
        Story((Said(0, 20, frozenset({2}), PAGES), Said(0, 1, frozenset({1}), APPS))), set(),
    ),
    "its own answer is new, the one that named it is old": (Story((Said(0, 40, frozenset({2})), Said(2, 1))), {0, 1}),
    "an edge was read in part": (Story((Said(0, 1, frozenset({1, 2}), PAGES),)), ALL),
    "a filtered answer names one": (Story((Said(0, 1, frozenset({2}), PAGES, only=2),)), ALL),
    "the latest answer no longer names one": (Story((Said(0, 3, frozenset({1, 2})), Said(0, 1, frozenset({1})))), {2}),
    "the latest answer came by another app's token": (
        Story((Said(0, 3, frozenset({2})), Said(0, 1, frozenset({1}), caller=1))), {2},
    ),
    "an import told all, and is undone": (Story((Said(0, 1, frozenset({1, 2}), imported=True),), undone=True), ALL),
    "an import told all, and stands": (Story((Said(0, 1, frozenset({1, 2}), imported=True),)), set()),
    "an import told one edge, and is undone": (
        Story((Said(0, 2, frozenset({1, 2})), Said(0, 1, frozenset({1}), APPS, imported=True)), undone=True), ALL,
    ),
    "a link is asserted by hand": (Story((Said(0, 1),), decided=(Kind.ASSERT, 0, 1)), {1, 2}),
    "a link is retracted": (Story((NAMES_BOTH,), decided=(Kind.RETRACT, 0, 2)), {2}),
    "two are kept apart": (Story((NAMES_BOTH,), decided=(Kind.KEEP_APART, 0, 2)), {2}),
}  # fmt: skip


@pytest.mark.parametrize(("story", "stale"), STORIES.values(), ids=STORIES)
def test_all_that_tell_who_is_stale_agree(story, stale):
    assert agreed(StoredStory(story)) == stale


def any_story(chance: random.Random) -> Story:
    said = []
    for _ in range(chance.randrange(1, 6)):
        only = chance.choice([None, None, None, *ALL])
        whole = chance.choice([BOTH, BOTH, BOTH, APPS, PAGES, NEITHER])
        gives = frozenset(number for number in ALL if chance.random() < 0.5)
        about, days = chance.randrange(3), chance.choice([1, 10, 20, 29, 31, 60]) + chance.random() / 2
        said.append(Said(about, days, gives - {about}, whole, only, chance.randrange(2), chance.random() < 0.2))
    one, other = chance.sample(range(3), 2)
    is_linked = any({one, other} == {answer.about, given} for answer in said for given in answer.gives)
    decided = chance.choice([None, (Kind.KEEP_APART if is_linked else Kind.ASSERT, one, other)])
    return Story(tuple(said), decided, undone=chance.random() < 0.5)


def test_they_agree_about_any_story():
    chance = random.Random(7)

    found = {frozenset(agreed(StoredStory(any_story(chance)))) for _ in range(20)}

    assert len(found) > 4, "stories in which nobody or everybody is stale show little"


def test_the_moment_that_is_shown_is_the_one_by_which_an_id_is_stale():
    stored = StoredStory(Story((Said(0, 20, frozenset({2}), PAGES), Said(0, 1, frozenset({1}), APPS))))
    oldest = stored.now - timedelta(days=20)

    (person,) = stored._people()
    shown = [one.confirmed for one in on_page(person, stored.now)]
    header, *rows = exports.links_of(stored.business, exports.Shape.IDS, exports.Filters())

    assert shown == [oldest] * 3
    assert {row[header.index("confirmed")] for row in rows} == {f"{oldest:%Y-%m-%dT%H:%M:%SZ}"}


def test_an_id_that_was_asked_in_vain_stays_stale_though_the_refresh_lets_it_rest():
    stored = StoredStory(Story(()))
    outcomes = {outcome_column(edge): Outcome.NOT_VISIBLE for edge in Edge}
    asked = Lookup.objects.filter(business=stored.business, asset=stored.assets[0], question=Question.LINKS)
    asked.update(state=State.DONE, finished_at=stored.now, scoped_id=stored.rows[0], **outcomes)

    assert stored.by_refresh() == {1, 2}
    assert stored.by_page() == stored.by_export() == stored.by_lists() == stored.by_the_rule() == ALL
    assert stored.by_count() == 3
    assert stored.by_filter() == stored.by_export_of_people() == stored.owners(ALL)
