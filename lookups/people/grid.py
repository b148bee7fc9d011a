"""The grid on a person's page: for each app and Page of the business, the linked ID or the outcome of asking for it.

Each cell is one of the seven outcomes (or failed), with its age and its reason.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.core.paginator import Page, Paginator

from businesses.models import Asset, AssetKind
from lookups.asking.planning import Plan, Plans, best_source, towards
from lookups.evidence.freshness import confirmations_of, is_stale, stale_before
from lookups.models import HeldFor, Lookup, Match, Question, ScopedID, State
from lookups.models.outcomes import ANSWERED, Edge, Outcome
from lookups.people.known import PersonKnown

LOOKUPS_READ, PROOFS_SHOWN = 500, 4
CELLS_A_PART, IDS_SHOWN = 24, 12

_WHY_NONE = {
    AssetKind.APP: "the person has not logged in to this app, or not to the app that asked.",
    AssetKind.PAGE: "the person has not written to this Page.",
}


@dataclass(frozen=True)
class ProvedID:
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
class AssetCell:
    """One app or Page: its IDs, or the outcome of asking; and whether it can be asked now."""

    asset: Asset
    ids: list[ProvedID] = field(default_factory=list)
    outcome: str = Outcome.NOT_ASKED
    at: datetime | None = None
    why: str = ""
    waiting: Lookup | None = None
    plan: Plan | None = None
    in_conflict: bool = False

    @property
    def kind(self) -> str:
        """The kind of ID: ASID or PSID."""
        return self.asset.kind_of.scoped_id

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)

    @property
    def shown_ids(self) -> list[ProvedID]:
        """The IDs that the cell shows."""
        return self.ids[:IDS_SHOWN]

    @property
    def more_ids(self) -> int:
        """How many IDs are not shown."""
        return max(0, len(self.ids) - IDS_SHOWN)

    @property
    def weight(self) -> int:
        """The place among many: first the cells that hold an ID, then those that wait for an answer, then the asked."""
        if self.ids:
            return 0
        return 1 if self.waiting else 3 if self.outcome == Outcome.NOT_ASKED else 2

    @property
    def is_accepted(self) -> bool:
        """Whether the cell holds several IDs without an open conflict."""
        return len(self.ids) > 1 and not self.in_conflict


@dataclass(frozen=True)
class KindOfCells:
    """The cells of all apps, or of all Pages."""

    kind: AssetKind
    cells: list[AssetCell]

    def part(self, number: str | None) -> "Page[AssetCell]":
        """Give the part of this number; a part that does not exist is the first or the last."""
        cells = self.cells
        if len(cells) > CELLS_A_PART:
            cells = sorted(cells, key=attrgetter("weight"))
        return Paginator(cells, CELLS_A_PART).get_page(number)


def grid_of(known: PersonKnown, *, now: datetime) -> list[KindOfCells]:
    """Build the grid of a person, in a constant number of queries."""
    members, lookups, linked = known.members, _lookups_of(known.members), _linked(known, now)
    in_conflict = {key for conflict in known.open_conflicts for key in (conflict.one_id, conflict.other_id)}
    assets: dict[str, list[Asset]] = defaultdict(list)
    for asset in known.person.business.assets.all():
        assets[asset.kind].append(asset)
    grid: list[KindOfCells] = []
    plans: Plans = {}
    for edge in Edge:
        plan = best_source(members, edge, plans=plans)
        relevant = [lookup for lookup in lookups if edge in lookup.edges]
        cells = [_cell(asset, edge, linked.get(asset.pk, []), relevant, plan) for asset in assets[edge.gives]]
        for cell in cells:
            cell.in_conflict = any(one.scoped_id.pk in in_conflict for one in cell.ids)
        grid.append(KindOfCells(AssetKind(edge.gives), cells))
    return grid


def _lookups_of(members: Sequence[ScopedID]) -> list[Lookup]:
    rows = Lookup.objects.filter(scoped_id__in=members, question=Question.LINKS).order_by("-pk")
    return list(rows.select_related("asset", "only", "run__asked_by")[:LOOKUPS_READ])


def _linked(known: PersonKnown, now: datetime) -> dict[int, list[ProvedID]]:
    """Give the person's IDs by their app or Page."""
    proofs: dict[int, list[Match]] = defaultdict(list)
    for match in known.matches:
        if match.is_live:
            proofs[match.target_id].append(match)
    confirmed = confirmations_of(known.person.business, [known.person.pk]).latest
    cutoff = stale_before(known.person.business, now)
    linked: dict[int, list[ProvedID]] = defaultdict(list)
    for scoped_id in known.members:
        mine = tuple(sorted(proofs[scoped_id.pk], key=lambda match: match.confirmed_at, reverse=True))
        at = confirmed.get(scoped_id.pk)
        linked[scoped_id.asset_id].append(ProvedID(scoped_id, mine, at, is_stale(at, cutoff)))
    return linked


def _cell(
    asset: Asset,
    edge: Edge,
    ids: list[ProvedID],
    lookups: Sequence[Lookup],
    plan: tuple[ScopedID, Plan] | None,
) -> AssetCell:
    cell = AssetCell(asset, ids, plan=towards(plan[1], asset) if plan else None)
    covering = [lookup for lookup in lookups if lookup.only_id in (None, asset.pk)]
    cell.waiting = next((lookup for lookup in covering if lookup.state != State.DONE), None)
    if cell.ids:
        cell.outcome, cell.at = Outcome.LINKED, cell.ids[0].confirmed
    else:
        _explain_empty(cell, edge, covering)
    return cell


def _explain_empty(cell: AssetCell, edge: Edge, covering: Sequence[Lookup]) -> None:
    """Explain an empty cell by the latest answer, else by a hold or the latest error, else by why nothing was asked."""
    done = [lookup for lookup in covering if lookup.state == State.DONE and lookup.outcome_of(edge)]
    answered = [lookup for lookup in done if lookup.outcome_of(edge) in ANSWERED]
    latest = next(iter(answered), None)
    held = cell.waiting if cell.waiting and cell.waiting.state == State.HELD else None
    if latest:
        none_here = f"Graph knows no ID here: {_WHY_NONE[cell.asset.kind_of]}"
        cell.outcome, cell.at, cell.why = Outcome.NONE, latest.finished_at, none_here
    elif held and held.held_for != HeldFor.PAUSE:
        outcome = Outcome.REVIEW if held.held_for == HeldFor.REVIEW else held.outcome_of(edge)
        cell.outcome, cell.at, cell.why = outcome, held.created_at, held.why
    elif done:
        cell.outcome, cell.at, cell.why = done[0].outcome_of(edge), done[0].finished_at, done[0].why
    else:
        reasons = cell.plan.reasons if cell.plan and not cell.plan.allowed else ()
        cell.why = " ".join(reason.text for reason in reasons) or "Nobody has asked yet."
