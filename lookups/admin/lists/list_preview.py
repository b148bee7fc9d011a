"""What a list that was read would do: shown before anything of it is asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from businesses.models import FacebookApp, Page
from lookups.admin.lists.run_words import sentence_of
from lookups.asking.planning import Plan, plan
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.lists import imports
from lookups.lists.forecast import forecast, measured_rate
from lookups.models import ListRow, Run, ScopedID

EXAMPLES = 5
_Row = ListRow.State


@dataclass(frozen=True)
class Scope:
    """The rows of one app or Page: how many would be asked, and whether they can be."""

    asset: FacebookApp | Page
    rows: int
    fresh: int
    plan: Plan

    @property
    def kind(self) -> str:
        """ASID or PSID."""
        return "ASID" if isinstance(self.asset, FacebookApp) else "PSID"

    @property
    def ask(self) -> int:
        """Rows that are not fresh already."""
        return self.rows - self.fresh

    @property
    def waits_for_token(self) -> bool:
        """Whether the rows are accepted though nothing can be asked now: nothing but a token or secret is missing."""
        return self.plan.lacks_credential


@dataclass(frozen=True)
class Rejects:
    """Rejected rows of one reason, with the first of them."""

    reason: str
    count: int
    first: list[ListRow]

    @property
    def sentence(self) -> str:
        """What is wrong with the first of them."""
        return sentence_of(self.first[0].state, self.reason, self.first[0].value) if self.first else ""

    @property
    def label(self) -> str:
        """What they have in common, in a few words."""
        label = imports.label(self.reason)
        return label[:1].upper() + label[1:]

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return self.count > len(self.first)


def preview_of(run: Run, now: datetime) -> dict[str, Any]:
    """Give all that is shown before a list is started."""
    scopes = _scopes(run, now)
    calls = {scope.asset: scope.ask for scope in scopes if scope.plan.allowed and scope.ask}
    refused = [scope for scope in scopes if not (scope.plan.allowed or scope.waits_for_token)]
    held = [scope for scope in scopes if scope.waits_for_token]
    told = forecast(calls, measured_rate(run.business), now)
    return {
        "scopes": scopes,
        "ask": sum(scope.ask for scope in scopes if scope.plan.allowed),
        "fresh": sum(scope.fresh for scope in scopes if scope.plan.allowed),
        "held": sum(scope.rows for scope in held),
        "refused": sum(scope.rows for scope in refused),
        "rejects": _rejects(run),
        "forecast": told,
        "unknown_limit": any(pool.quota is None for pool in told.pools),
        "startable": any(scope not in refused for scope in scopes),
    }


def _scopes(run: Run, now: datetime) -> list[Scope]:
    """Count rows per app and Page in one statement, with those that were confirmed not long ago."""
    fresh = confirmed_since(run.business, stale_before(run.business, now))
    stored = ScopedID.objects.filter(fresh, value=OuterRef("value"))
    known = Exists(stored.filter(app=OuterRef("app"))) | Exists(stored.filter(page=OuterRef("page")))
    todo = ListRow.objects.filter(run=run, state=_Row.TODO).order_by()
    counted = todo.values_list("app", "page").annotate(rows=Count("pk"), fresh=Count("pk", filter=Q(known)))
    groups = {(app, page): (rows, confirmed) for app, page, rows, confirmed in counted}
    assets: list[FacebookApp | Page] = [
        *FacebookApp.objects.select_related("business").filter(pk__in=[app for app, _ in groups if app]),
        *Page.objects.select_related("business", "managed_by").filter(pk__in=[page for _, page in groups if page]),
    ]
    scopes = [Scope(asset, *groups[_key(asset)], plan(asset)) for asset in assets]
    return sorted(scopes, key=lambda scope: -scope.rows)


def _rejects(run: Run) -> list[Rejects]:
    """Group rejected rows by reason, with the first five of each: two queries, however many there are."""
    if not run.rejected:
        return []
    rejected = ListRow.objects.filter(run=run, state=_Row.REJECTED)
    counts = dict(rejected.order_by().values_list("reason").annotate(how_many=Count("pk")))
    numbered = rejected.annotate(place=Window(RowNumber(), partition_by="reason", order_by="line"))
    first: dict[str, list[ListRow]] = {}
    for row in numbered.filter(place__lte=EXAMPLES).order_by("line"):
        first.setdefault(row.reason, []).append(row)
    groups = [Rejects(reason, count, first.get(reason, [])) for reason, count in counts.items()]
    return sorted(groups, key=lambda group: -group.count)


def _key(asset: FacebookApp | Page) -> tuple[int | None, int | None]:
    return (asset.pk, None) if isinstance(asset, FacebookApp) else (None, asset.pk)
