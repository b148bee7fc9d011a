"""Counts what a list would do once it is started, for the page and for the terminal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, F, Min, OuterRef, QuerySet, Subquery, When, Window
from django.db.models.functions import RowNumber

from businesses.models import Asset, AssetKind
from lookups.asking.planning import Plan, plans
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.lists import imports
from lookups.models import ListRow, Run, ScopedID

EXAMPLES = 5
_PAGES = 2**40  # added to the key of a Page, so that all apps come before it; no key is as large
_Row = ListRow.State


@dataclass(frozen=True)
class RowsOfAsset:
    """The rows of one app or Page: how many there are, and whether they can be asked.

    `unknown` are IDs that are not stored yet. `people` are the known people who are asked about by their ID here.
    """

    asset: Asset
    rows: int
    fresh: int
    unknown: int
    plan: Plan
    people: int

    @property
    def ask(self) -> int:
        """How many rows are not fresh."""
        return self.rows - self.fresh

    @property
    def calls(self) -> int:
        """How many questions at most: an answer about somebody else may cover some of the unknown IDs."""
        return self.people + self.unknown

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
        """How many questions at most would be asked about IDs of each app and Page."""
        return {one.asset: one.calls for one in self.assets if one.plan.allowed and one.calls}

    @property
    def least(self) -> int:
        """How many questions at least: one for each known person, and as many as an app or Page has people to ask."""
        asked = [one for one in self.assets if one.plan.allowed]
        people = max(sum(one.people for one in asked), max((one.ask for one in asked), default=0))
        return min(people, sum(self.calls.values()))


def preview_of(run: Run, now: datetime) -> ListPreview:
    """Count what a list would do, with a constant number of queries."""
    return ListPreview(_by_asset(run, now), _by_reason(run))


def _by_asset(run: Run, now: datetime) -> list[RowsOfAsset]:
    """Count the rows per app and Page, how many of them are fresh or unknown, and whom one question covers."""
    ids = ScopedID.objects.filter(asset=OuterRef("asset"), value=OuterRef("value"))
    fresh = confirmed_since(run.business, stale_before(run.business, now))
    todo = ListRow.objects.filter(run=run, state=_Row.TODO).order_by()
    counted = todo.values_list("asset").annotate(
        rows=Count("pk"),
        fresh=Count("pk", filter=Exists(ids.filter(fresh))),
        unknown=Count("pk", filter=~Exists(ids)),
    )
    counts = {asset: numbers for asset, *numbers in counted}
    planned = plans(Asset.objects.to_plan().filter(pk__in=counts))
    allowed = [asset.pk for asset, plan in planned.items() if plan.allowed]
    people = _first_of_each(todo.filter(asset__in=allowed), ids.exclude(fresh)) if allowed else {}
    found = []
    for asset, plan in planned.items():
        rows, confirmed, unknown = counts[asset.pk]
        found.append(RowsOfAsset(asset, rows, confirmed, unknown, plan, people.get(asset.pk, 0)))
    return sorted(found, key=lambda one: -one.rows)


def _first_of_each(rows: "QuerySet[ListRow]", ids: "QuerySet[ScopedID]") -> dict[int, int]:
    """Count the people of these rows' IDs, each with the app or Page that is asked about him: apps come first."""
    known: Any = rows.annotate(person=Subquery(ids.values("person")[:1])).exclude(person=None)
    place = Case(When(asset__kind=AssetKind.APP, then=F("asset_id")), default=F("asset_id") + _PAGES)
    firsts = known.values("person").annotate(first=Min(place)).values("first")
    statement, values = firsts.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT told.first, COUNT(*) FROM ({statement}) AS told GROUP BY told.first", values)  # noqa: S608  (Django's own SQL)
        return {first % _PAGES: count for first, count in cursor.fetchall()}


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
