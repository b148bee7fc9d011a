"""Counts what a list would do once it is started, for the page and for the terminal."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from businesses.models import Asset
from lookups.asking.planning import Plan, plans
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.lists import imports
from lookups.models import ListRow, Run, ScopedID

EXAMPLES = 5
_Row = ListRow.State


@dataclass(frozen=True)
class RowsOfAsset:
    """The rows of one app or Page: how many there are, and whether they can be asked."""

    asset: Asset
    rows: int
    fresh: int
    plan: Plan

    @property
    def ask(self) -> int:
        """How many rows are not fresh."""
        return self.rows - self.fresh

    @property
    def waits_for_token(self) -> bool:
        """Whether only a token or secret is missing: then the rows are accepted, and held."""
        return self.plan.lacks_credential

    @property
    def is_refused(self) -> bool:
        """Whether the rows can't be asked, for any other cause."""
        return not (self.plan.allowed or self.waits_for_token)


@dataclass(frozen=True)
class RejectedRows:
    """Rejected rows with the same reason: their number, and the first few."""

    reason: str
    count: int
    first: list[ListRow]

    @property
    def label(self) -> str:
        """The reason in a few words."""
        return imports.label(self.reason)

    @property
    def more(self) -> bool:
        """Whether there are more rows than the page shows."""
        return self.count > len(self.first)

    @property
    def sentence(self) -> str:
        """What is wrong with the first of them."""
        return self.sentences[0][1] if self.first else ""

    @property
    def sentences(self) -> list[tuple[int, str]]:
        """What is wrong with each of the first, with its line."""
        return [(row.line, imports.sentence(self.reason, row.value)) for row in self.first]


@dataclass(frozen=True)
class ListPreview:
    """A list's rows in groups, the largest groups first."""

    assets: list[RowsOfAsset]
    rejects: list[RejectedRows]

    @property
    def ask(self) -> int:
        """Rows that would be asked."""
        return sum(one.ask for one in self.assets if one.plan.allowed)

    @property
    def fresh(self) -> int:
        """Rows that could be asked and are fresh already."""
        return sum(one.fresh for one in self.assets if one.plan.allowed)

    @property
    def held(self) -> int:
        """Rows that would wait for a token or a secret."""
        return sum(one.rows for one in self.assets if one.waits_for_token)

    @property
    def refused(self) -> int:
        """Rows that can't be asked."""
        return sum(one.rows for one in self.assets if one.is_refused)

    @property
    def startable(self) -> bool:
        """Whether starting it would do anything, now or later."""
        return not all(one.is_refused for one in self.assets)

    @property
    def calls(self) -> dict[Asset, int]:
        """How many lookups each app and Page would be asked."""
        return {one.asset: one.ask for one in self.assets if one.plan.allowed and one.ask}


def preview_of(run: Run, now: datetime) -> ListPreview:
    """Count what a list would do, with a constant number of queries."""
    return ListPreview(_by_asset(run, now), _by_reason(run))


def _by_asset(run: Run, now: datetime) -> list[RowsOfAsset]:
    """Count the rows per app and Page, and how many of them are fresh, in one statement."""
    fresh = confirmed_since(run.business, stale_before(run.business, now))
    known = Exists(ScopedID.objects.filter(fresh, asset=OuterRef("asset"), value=OuterRef("value")))
    todo = ListRow.objects.filter(run=run, state=_Row.TODO).order_by()
    counted = todo.values_list("asset").annotate(rows=Count("pk"), fresh=Count("pk", filter=Q(known)))
    counts = {asset: (rows, confirmed) for asset, rows, confirmed in counted}
    planned = plans(Asset.objects.to_plan().filter(pk__in=counts))
    found = [RowsOfAsset(asset, *counts[asset.pk], plan) for asset, plan in planned.items()]
    return sorted(found, key=lambda one: -one.rows)


def _by_reason(run: Run) -> list[RejectedRows]:
    """Group the rejected rows by reason, with the first five of each group, in two queries."""
    if not run.rejected:
        return []
    rejected = ListRow.objects.filter(run=run, state=_Row.REJECTED)
    counts = dict(rejected.order_by().values_list("reason").annotate(how_many=Count("pk")))
    numbered = rejected.annotate(place=Window(RowNumber(), partition_by="reason", order_by="line"))
    first: dict[str, list[ListRow]] = {}
    for row in numbered.filter(place__lte=EXAMPLES).order_by("line"):
        first.setdefault(row.reason, []).append(row)
    groups = [RejectedRows(reason, count, first.get(reason, [])) for reason, count in counts.items()]
    return sorted(groups, key=lambda group: -group.count)
