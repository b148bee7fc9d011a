"""Explain why two IDs are one person, by the shortest chain of matches and their proofs; or why two persons are not."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from django.db.models import QuerySet

from lookups.asking.planning import Plan, Plans, best_source
from lookups.evidence.components import chain
from lookups.evidence.region import Region
from lookups.graph import LinksQuestion, path_of
from lookups.models import Answer, Decision, Match, Person, ScopedID
from lookups.models.outcomes import Edge, answer_column, edge_to

MOST_QUESTIONS, MOST_TARGETS = 6, 20


@dataclass(frozen=True)
class ChainLink:
    """One link of a chain: from one ID to the next, with the matches that prove it in either direction."""

    start: ScopedID
    end: ScopedID
    matches: tuple[Match, ...]

    @property
    def both_ways(self) -> bool:
        """Whether Graph was asked about each of the two IDs and gave the other."""
        return len({match.source_id for match in self.matches if not match.asserted_by_id}) > 1


@dataclass(frozen=True)
class SettlingQuestion:
    """A question whose answer shows whether two persons are one."""

    source: ScopedID
    target: ScopedID
    plan: Plan

    @property
    def cost(self) -> str:
        """What asking costs."""
        return "1 call"


@dataclass(frozen=True)
class Comparison:
    """Why two persons are not one: links that were withdrawn or retracted, IDs kept apart, and what to ask."""

    former: list[Match]
    kept_apart: list[Decision]
    questions: list[SettlingQuestion]


def chain_between(one: ScopedID, other: ScopedID) -> list[ChainLink] | None:
    """Give the shortest chain of live matches between two IDs; None if nothing live connects them."""
    region = Region.around(one.business, [one, other])
    links: dict[frozenset[str], list[Match]] = defaultdict(list)
    for match in region.matches:
        # A live match between two persons joins nothing: a decision keeps them apart.
        if match.is_live and match.source.person_id == match.target.person_id:
            links[frozenset((match.source.public_id, match.target.public_id))].append(match)
    neighbours: dict[str, list[tuple[str, ChainLink]]] = defaultdict(list)
    for matches in links.values():
        ends = (matches[0].source, matches[0].target)
        for start, end in (ends, ends[::-1]):
            neighbours[start.public_id].append((end.public_id, ChainLink(start, end, tuple(matches))))
    return chain(neighbours, one.public_id, other.public_id)


def with_proofs(steps: Sequence[ChainLink]) -> list[ChainLink]:
    """Read the proofs of a chain's matches: answers, lookups, who asked."""
    keys = [match.pk for step in steps for match in step.matches]
    full = {match.pk: match for match in with_all_proof(Match.objects.filter(pk__in=keys))}
    return [ChainLink(step.start, step.end, tuple(full[match.pk] for match in step.matches)) for step in steps]


def with_all_proof(matches: QuerySet[Match]) -> QuerySet[Match]:
    """Read matches with everything that a page shows about their proofs."""
    return matches.select_related(
        "source__asset", "target__asset", "asserted_by__made_by",
        "first_answer__lookup__run__asked_by", "last_answer__lookup__run__asked_by",
        "last_answer__lookup__only", "calling_app",
        *(f"source__{answer_column(edge)}__lookup__{more}" for edge in Edge for more in ("run__asked_by", "only")),
    )  # fmt: skip


def request_of(answer: Answer) -> str:
    """Give the exact request of an answer; fingerprints stand in place of the token and the proof."""
    lookup = answer.lookup
    narrowed = tuple((edge, lookup.only.graph_id) for edge in lookup.edges) if lookup.only else ()
    question = LinksQuestion(node_id=lookup.value, edges=lookup.edges, narrowed=narrowed)
    return f"GET /{answer.version_asked}/{unquote(path_of(question))}"


def compare(one: Person, other: Person) -> Comparison:
    """Tell why two persons of one business are not one, and which questions would settle it."""
    ids = {person.pk: list(_members(person)) for person in (one, other)}
    pairs = ((ids[one.pk], ids[other.pk]), (ids[other.pk], ids[one.pk]))
    former = [
        match
        for sources, targets in pairs
        for match in Match.objects.filter(source__in=sources, target__in=targets).select_related(
            "source__asset", "target__asset", "retracted_by", "last_answer__lookup"
        )
    ]
    apart = [
        decision
        for first, second in pairs
        for decision in Decision.objects.filter(
            kind=Decision.Kind.KEEP_APART, undone_at=None, one__in=first, other__in=second
        ).select_related("one__asset", "other__asset", "made_by")
    ]
    plans: Plans = {}
    asked = [question for ours, theirs in pairs for question in _questions(ours, theirs, plans)]
    asked.sort(key=lambda question: not question.plan.allowed)
    return Comparison(former, apart, asked[:MOST_QUESTIONS])


def _members(person: Person) -> Iterable[ScopedID]:
    return person.scoped_ids.select_related("asset__managed_by", "business").order_by("first_seen", "pk")


def _questions(ours: Sequence[ScopedID], theirs: Sequence[ScopedID], plans: Plans) -> list[SettlingQuestion]:
    """Give one question for each ID that an answer would have to contain; none asks an app or Page about itself."""
    questions = []
    for target in theirs[:MOST_TARGETS]:
        others = [scoped_id for scoped_id in ours if scoped_id.asset != target.asset]
        source = best_source(others, edge_to(target.asset.kind), plans=plans)
        if source:
            questions.append(SettlingQuestion(source[0], target, source[1]))
    return questions
