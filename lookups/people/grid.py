"""What a person's page shows: for each app and Page of the business the linked ID, or what became of asking.

Each cell is one of the seven outcomes (or failed), with its age and its reason.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from businesses.models import FacebookApp, Page
from lookups.asking.planning import Plan, Plans, best_source, towards
from lookups.models import HeldFor, Lookup, Match, Person, Question, ScopedID, State
from lookups.models.outcomes import ANSWERED, Edge, Outcome

LOOKUPS_READ, PROOFS_SHOWN = 500, 4


@dataclass(frozen=True)
class LinkedID:
    """An ID of the person, the matches that prove it, and when it was last confirmed."""

    scoped_id: ScopedID
    proofs: tuple[Match, ...]
    confirmed: datetime | None
    stale: bool

    @property
    def shown(self) -> tuple[Match, ...]:
        """The latest proofs."""
        return self.proofs[:PROOFS_SHOWN]

    @property
    def more(self) -> int:
        """How many proofs are not shown."""
        return max(0, len(self.proofs) - PROOFS_SHOWN)


@dataclass
class Cell:
    """One app or Page: its IDs, or the outcome of asking; and whether it can be asked now."""

    asset: FacebookApp | Page
    ids: list[LinkedID] = field(default_factory=list)
    outcome: str = Outcome.NOT_ASKED
    at: datetime | None = None
    why: str = ""
    waiting: Lookup | None = None
    plan: Plan | None = None
    in_conflict: bool = False

    @property
    def kind(self) -> str:
        """ASID or PSID."""
        return "ASID" if isinstance(self.asset, FacebookApp) else "PSID"

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)

    @property
    def is_accepted(self) -> bool:
        """Whether there are two IDs here, and nobody has to decide about them any more."""
        return len(self.ids) > 1 and not self.in_conflict


@dataclass(frozen=True)
class Grid:
    """All cells of a person, apps and Pages apart."""

    apps: list[Cell]
    pages: list[Cell]


def grid_of(person: Person, *, now: datetime, in_conflict: Collection[int] = ()) -> Grid:
    """Build the grid of a person; `in_conflict` are the keys of the IDs that open conflicts are about.

    A constant number of queries.
    """
    members = list(person.scoped_ids.select_related("app", "page__managed_by", "business").order_by("pk"))
    lookups = _lookups_of(members)
    linked = _linked(person, members, lookups, now)
    grids = []
    plans: Plans = {}
    for edge, assets in (
        (Edge.APPS, list(person.business.apps.all())),
        (Edge.PAGES, list(person.business.pages.all())),
    ):
        plan = best_source(members, edge, plans=plans)
        relevant = [lookup for lookup in lookups if edge in lookup.edges]
        cells = [_cell(asset, edge, linked, relevant, plan) for asset in assets]
        for cell in cells:
            cell.in_conflict = any(one.scoped_id.pk in in_conflict for one in cell.ids)
        grids.append(cells)
    return Grid(*grids)


def _lookups_of(members: Sequence[ScopedID]) -> list[Lookup]:
    rows = Lookup.objects.filter(scoped_id__in=members, question=Question.LINKS).order_by("-pk")
    return list(rows.select_related("app", "page", "run__asked_by")[:LOOKUPS_READ])


def _linked(
    person: Person, members: Sequence[ScopedID], lookups: Iterable[Lookup], now: datetime
) -> dict[tuple[bool, int], list[LinkedID]]:
    matches = Match.objects.filter(target__in=members, is_live=True).order_by("-last_confirmed")
    proofs: dict[int, list[Match]] = defaultdict(list)
    for match in matches.select_related("source__app", "source__page", "asserted_by", "last_answer__lookup"):
        proofs[match.target_id].append(match)
    asked = {
        lookup.scoped_id_id: lookup.finished_at
        for lookup in reversed(list(lookups))
        if lookup.finished_at and any(lookup.outcome_of(edge) in ANSWERED for edge in lookup.edges)
    }
    stale_before = now - timedelta(days=person.business.refresh_days)
    linked: dict[tuple[bool, int], list[LinkedID]] = defaultdict(list)
    for scoped_id in members:
        mine = tuple(sorted(proofs[scoped_id.pk], key=lambda match: match.confirmed_at, reverse=True))
        times = [match.confirmed_at for match in mine] + [at for at in [asked.get(scoped_id.pk)] if at]
        confirmed = max(times, default=None)
        stale = confirmed is None or confirmed < stale_before
        linked[_place(scoped_id.asset)].append(LinkedID(scoped_id, mine, confirmed, stale))
    return linked


def _place(asset: FacebookApp | Page) -> tuple[bool, int]:
    return (isinstance(asset, FacebookApp), asset.pk)


def _cell(
    asset: FacebookApp | Page,
    edge: Edge,
    linked: dict[tuple[bool, int], list[LinkedID]],
    lookups: Sequence[Lookup],
    plan: tuple[ScopedID, Plan] | None,
) -> Cell:
    cell = Cell(asset, plan=towards(plan[1], asset) if plan else None)
    covering = [lookup for lookup in lookups if _covers(lookup, asset)]
    cell.waiting = next((lookup for lookup in covering if lookup.state != State.DONE), None)
    cell.ids = linked.get(_place(asset), [])
    if cell.ids:
        cell.outcome, cell.at = Outcome.LINKED, cell.ids[0].confirmed
    else:
        _explain_empty(cell, edge, covering)
    return cell


def _covers(lookup: Lookup, asset: FacebookApp | Page) -> bool:
    if isinstance(asset, FacebookApp):
        return lookup.only_app_id in (None, asset.pk)
    return lookup.only_page_id in (None, asset.pk)


def _explain_empty(cell: Cell, edge: Edge, covering: Sequence[Lookup]) -> None:
    """Take the latest answer; without one a hold or the latest error; else why nothing was asked."""
    done = [lookup for lookup in covering if lookup.state == State.DONE and lookup.outcome_of(edge)]
    answered = [lookup for lookup in done if lookup.outcome_of(edge) in ANSWERED]
    latest = next(iter(answered), None)
    held = cell.waiting if cell.waiting and cell.waiting.state == State.HELD else None
    if latest:
        cell.outcome, cell.at, cell.why = Outcome.NONE, latest.finished_at, _why_none(cell)
    elif held and held.held_for != HeldFor.PAUSE:
        outcome = Outcome.REVIEW if held.held_for == HeldFor.REVIEW else held.outcome_of(edge)
        cell.outcome, cell.at, cell.why = outcome, held.created_at, held.why
    elif done:
        cell.outcome, cell.at, cell.why = done[0].outcome_of(edge), done[0].finished_at, done[0].why
    else:
        reasons = cell.plan.reasons if cell.plan and not cell.plan.allowed else ()
        cell.why = " ".join(reason.text for reason in reasons) or "Nobody has asked yet."


def _why_none(cell: Cell) -> str:
    if isinstance(cell.asset, FacebookApp):
        return "Graph knows no ID here: the person has not logged in to this app, or not to the app that asked."
    return "Graph knows no ID here: the person has not written to this Page."
