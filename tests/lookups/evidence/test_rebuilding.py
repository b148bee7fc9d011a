"""Persons computed anew from the evidence: what is found, what is mended, and that nothing else matters."""

import io
import random
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from lookups.evidence import decisions
from lookups.evidence.components import Link, components
from lookups.evidence.matching import learn
from lookups.evidence.rebuilding import rebuild
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.management.commands.rebuild_people import ProgressLine
from lookups.models import Answer, Decision, Lookup, Match, Person, PersonEvent, Run, ScopedID
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class World:
    """A business with an app and a Page; `P1` is a PSID, `A2` an ASID."""

    def __init__(self, name: str = "Acme") -> None:
        self.business = make_business(name)
        self.app = make_app(self.business, "Shop")
        self.page = make_page(self.business, self.app, "Bot")
        self.run = Run.objects.create(business=self.business, kind=Run.Kind.ONE, created_at=NOW)

    def node(self, name: str) -> Node:
        return Node(self.page if name[0] == "P" else self.app, name[1:])

    def answer(self, source: str, *targets: str, minutes: int = 0) -> None:
        """Store an answer about an ID that held these."""
        lookup = Lookup.objects.create(
            business=self.business, run=self.run, asset=self.page, value=source[1:], created_at=NOW
        )
        answer = Answer.objects.create(
            business=self.business, lookup=lookup, attempt=1, at=NOW + timedelta(minutes=minutes),
            edges="ids_for_apps,ids_for_pages", complete=True, token_fingerprint="f", version_asked="v26.0",
        )  # fmt: skip
        edges = {"P": "ids_for_pages", "A": "ids_for_apps"}
        rows = tuple(AnswerRow(edges[target[0]], self.node(target), "0" * 64) for target in targets)
        learn(self.business, [Finding(answer, self.node(source), rows)])

    def get(self, name: str) -> ScopedID:
        asset = self.page if name[0] == "P" else self.app
        return ScopedID.objects.get(value=name[1:], asset=asset)

    def move(self, name: str, to: str) -> None:
        """Store an ID with the wrong person, by hand."""
        ScopedID.objects.filter(pk=self.get(name).pk).update(person=self.get(to).person)

    def keep_apart(self, one: str, other: str) -> Decision:
        kind = Decision.Kind.KEEP_APART
        return decisions.decide(kind, self.get(one), self.get(other), reason="two sisters", by=None, now=NOW)


@pytest.fixture
def world():
    world = World()
    world.answer("P1", "A1", minutes=0)
    world.answer("P2", "A2", "A3", minutes=1)
    world.answer("P3", minutes=2)
    return world


def stored() -> dict[str, str]:
    """The public ID of the person that each ID is stored with."""
    return dict(ScopedID.objects.order_by("public_id").values_list("public_id", "person__public_id"))


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("rebuild_people", *arguments, stdout=out)
    return out.getvalue().splitlines()


def check(*arguments: str) -> list[str]:
    """The lines of a check that must exit with 1."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rebuild_people", "--check", *arguments, stdout=out)
    assert ended.value.code == 1
    return out.getvalue().splitlines()


@pytest.mark.parametrize("how", ["pk", "graph_id", "name"])
def test_a_healthy_store_shows_no_differences(world, how):
    before = stored()

    named = str(getattr(world.business, how))

    assert run("--business", named, "--check") == ["Acme: 0 differences."]
    assert run("--business", named) == ["Acme: 0 differences."]
    assert stored() == before


def test_an_id_stored_with_the_wrong_person_is_told_and_nothing_is_changed(world):
    right, wrong = world.get("A2").public_id, world.get("A1").public_id
    world.move("A3", to="P1")
    before = stored()

    told, other, count = sorted(check("--business", "Acme"), key=lambda line: "2 of" not in line[:20])

    strangers = "stored together with ASID 1 of “Shop”, PSID 1 of “Bot”"
    assert told == (
        f"ASID 2 of “Shop”, ASID 3 of “Shop”, PSID 2 of “Bot” should be one person; {strangers}; "
        f"public ID expected {right}, found {', '.join(sorted([wrong, right]))}"
    )
    strangers = "stored together with ASID 3 of “Shop”"
    assert other == (
        f"ASID 1 of “Shop”, PSID 1 of “Bot” should be one person; {strangers}; "
        f"public ID expected {wrong}, found {wrong}"
    )
    assert count == "Acme: 2 differences."
    assert stored() == before
    assert not PersonEvent.objects.filter(kind="split").exists()


def test_it_is_mended_and_told(world):
    right = stored()
    world.move("A3", to="P1")

    lines = run("--business", "Acme")

    assert [line.startswith("Mended: ") for line in lines] == [True, True, False]
    assert lines[-1] == "Acme: 2 differences, mended."
    assert stored() == right
    split = PersonEvent.objects.get(kind="split")
    assert (split.person, split.other) == (world.get("P1").person, world.get("P2").person)
    assert [moved.scoped_id for moved in split.moves.all()] == [world.get("A3")]
    assert run("--business", "Acme", "--check") == ["Acme: 0 differences."]


def test_persons_joined_by_hand_are_split_again(world):
    right = stored()
    for name in ("P2", "A2", "A3"):
        world.move(name, to="P1")

    run("--business", "Acme")

    assert stored() == right


def test_a_wrong_public_id_is_mended(world):
    founder = world.get("A2").public_id
    Person.objects.filter(public_id=founder).update(public_id="WRONG")

    assert f"public ID expected {founder}, found WRONG" in check("--business", "Acme")[0]
    run("--business", "Acme")

    assert {world.get(name).person.public_id for name in ("P2", "A2", "A3")} == {founder}
    assert run("--business", "Acme", "--check") == ["Acme: 0 differences."]


def test_a_person_whose_name_is_held_by_others_gets_it_back(world):
    right = stored()
    third = world.get("P3").person
    world.move("P3", to="P1")
    for name in ("P1", "A1"):
        ScopedID.objects.filter(pk=world.get(name).pk).update(person=third)

    run("--business", "Acme")

    assert stored() == right


def test_pairs_kept_apart_are_honoured(world):
    world.answer("P1", "A2", minutes=5)
    world.keep_apart("P1", "P2")
    before = stored()
    assert world.get("P1").person != world.get("P2").person

    assert run("--business", "Acme", "--check") == ["Acme: 0 differences."]
    for name in ("P2", "A2", "A3"):
        world.move(name, to="P1")
    assert check("--business", "Acme")[-1] == "Acme: 2 differences."
    run("--business", "Acme")

    assert stored() == before


def test_a_decision_taken_back_is_no_longer_honoured(world):
    world.answer("P1", "A2", minutes=5)
    decision = world.keep_apart("P1", "P2")
    apart = stored()
    decisions.undo(decision, reason="one woman", by=None, now=NOW)
    together = stored()

    assert run("--business", "Acme", "--check") == ["Acme: 0 differences."]
    for row in ScopedID.objects.all():
        row.person = Person.objects.get(public_id=apart[row.public_id])
        row.save(update_fields=["person"])
    run("--business", "Acme")

    assert stored() == together


def test_matches_that_are_not_live_join_nobody(world):
    match = Match.objects.get(target=world.get("A3"))
    decisions.decide(Decision.Kind.RETRACT, match.source, match.target, reason="wrong", by=None, now=NOW)

    assert run("--business", "Acme", "--check") == ["Acme: 0 differences."]
    world.move("A3", to="P2")

    assert "ASID 3 of “Shop” should be a person alone" in "\n".join(check("--business", "Acme"))


def test_ids_seen_at_one_moment_in_one_app_are_told_apart_by_their_digits(world):
    world.answer("P9", "A77", "A8", minutes=9)
    Match.objects.filter(target=world.get("A77")).update(first_seen=NOW)
    founder = world.get("A77")
    ScopedID.objects.filter(pk__in=[founder.pk, world.get("A8").pk]).update(first_seen=NOW)

    run("--business", "Acme")

    assert {world.get(name).person.public_id for name in ("P9", "A77", "A8")} == {founder.public_id}


def test_another_business_is_left_alone(world):
    other = World("Other")
    other.answer("P1", "A1")
    other.answer("P2", "A2")
    other.move("A1", to="P2")
    before = stored()

    assert run("--business", "Acme") == ["Acme: 0 differences."]
    assert stored() == before


def test_the_order_of_the_evidence_means_nothing():
    chance = random.Random(1)
    names = [f"{number:03}" for number in range(60)]
    links = [Link(NOW + timedelta(minutes=n % 7), *chance.sample(names, 2), "e") for n in range(80)]
    apart = [tuple(chance.sample(names, 2)) for _ in range(12)]

    results = set()
    for _ in range(100):
        for one in (names, links, apart):
            chance.shuffle(one)
        turned = [pair if chance.random() < 0.5 else pair[::-1] for pair in apart]
        results.add(frozenset(components(names, links, turned)))

    assert len(results) == 1
    groups = results.pop()
    assert not [pair for pair in apart for group in groups if set(pair) <= group]


def test_matches_stored_in_any_order_give_the_same_persons_and_public_ids(world):
    """The evidence of one store, its rows turned round a hundred times: never a difference."""
    chance = random.Random(2)
    for number in range(30):
        source, *targets = chance.sample([f"{kind}{n}" for kind in "PA" for n in range(30, 50)], 3)
        world.answer(source, *targets, minutes=10 + number % 5)
    pair = ScopedID.objects.filter(person=Person.objects.filter(scoped_ids__value="40")[0]).order_by("pk")[:2]
    decisions.decide(Decision.Kind.KEEP_APART, *pair, reason="two", by=None, now=NOW)
    before, rows = stored(), list(Match.objects.all())

    for _ in range(100):
        chance.shuffle(rows)
        Match.objects.all().delete()
        Match.objects.bulk_create(rows)
        differences = [str(one) for one in rebuild(world.business, mend=False)]
        assert differences == []

    assert stored() == before


def test_who_is_meant_must_be_clear(world):
    make_business("Acme")

    with pytest.raises(CommandError, match="2 businesses are named “Acme”"):
        run("--business", "Acme")
    with pytest.raises(CommandError, match="no business"):
        run("--business", "9" * 30)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_line_every_ten_percent_but_on_a_terminal_one_line():
    file, terminal = io.StringIO(), Terminal()
    for stream in (file, terminal):
        line = ProgressLine(stream)
        for number in range(0, 1001):
            line("Reading IDs", number, 1000)
        line("Looking closely", 0, 0)
        line.end()

    assert len(file.getvalue().splitlines()) == 12
    assert "\r" not in file.getvalue()
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().count("\r") == 102
