"""Turn the rows of lists into lookups, little by little.

No more lookups of one run wait at a time than the workers need. So several runs take turns, a row whose
link another row's answer has just confirmed is not asked again, and pausing or cancelling touches few rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from businesses.models import FacebookApp, Page
from lookups.freshness import fresh_values, known_values, stale_before
from lookups.models import HeldFor, Lane, ListRow, Lookup, Run, State
from lookups.models.scoped_id import asset_of, scope_of
from lookups.outcomes import Outcome
from lookups.planning import Plan, plan
from lookups.tallies import change, close_if_over

FEED_AHEAD = 4000  # twice what two workers have under way
CHUNK = 2000
_Row = ListRow.State


def feed(now: datetime) -> int:
    """Make lookups of the rows of all lists under way that are short of them; gives how many rows were settled."""
    open_lists = Run.objects.filter(kind=Run.Kind.LIST, state__in=(Run.State.GOING, Run.State.CANCELLED))
    keys = open_lists.filter(finished_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_feed_one(key, now) for key in keys)


def _feed_one(run_pk: int, now: datetime) -> int:
    with transaction.atomic():
        # Whoever else feeds this run has it locked: once is enough.
        locked = Run.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        run = locked.select_related("business").filter(pk=run_pk, finished_at=None).first()
        if run is None:
            return 0
        if run.state == Run.State.CANCELLED:
            return _cancel_some(run, now)
        if run.state != Run.State.GOING:
            return 0
        room = FEED_AHEAD - Lookup.objects.filter(_ahead(), run=run).count()
        if room < FEED_AHEAD - CHUNK:
            return 0
        rows = list(_next_rows(run)[:CHUNK])
        if not rows:
            close_if_over(run, now)
            return 0
        settle_rows(run, rows, now)
        return len(rows)


def _ahead() -> Q:
    """What counts as being ahead: not what waits for a token of its own, which must not stop the other rows."""
    return Q(state__in=(State.WAITING, State.CLAIMED)) | Q(state=State.HELD, held_for=HeldFor.REVIEW)


def _next_rows(run: Run) -> "QuerySet[ListRow]":
    rows = ListRow.objects.filter(run=run, line__gt=run.fed_line, state=_Row.TODO).order_by("line")
    return rows.only("pk", "line", "app", "page", "value")


def settle_rows(run: Run, rows: Sequence[ListRow], now: datetime) -> None:
    """Make each row a lookup, or say why there is none: it is fresh already, or can't be asked."""
    by_scope: dict[tuple[int | None, int | None], list[ListRow]] = defaultdict(list)
    for row in rows:
        by_scope[row.app_id, row.page_id].append(row)
    for (app_pk, page_pk), some in by_scope.items():
        _settle_scope(run, asset_of(app_pk, page_pk), some, now)
    Run.objects.filter(pk=run.pk).update(fed_line=rows[-1].line)


def _settle_scope(run: Run, asset: FacebookApp | Page, rows: Sequence[ListRow], now: datetime) -> None:
    planned = plan(asset)
    waits_for_token = not planned.allowed and planned.reasons[-1].code in ("token_refused", "secret_wrong")
    if not (planned.allowed or (planned.lacks_credential and waits_for_token)):
        _mark(rows, _Row.REFUSED, planned.reasons[0].code)
        change(run.pk, todo=-len(rows), refused=len(rows))
        return
    values = {row.value for row in rows}
    fresh = fresh_values(asset, values, stale_before(run.business, now))
    settled = [row for row in rows if row.value in fresh]
    asked = [row for row in rows if row.value not in fresh]
    _mark(settled, _Row.FRESH)
    _mark(asked, _Row.ASKED)
    known = known_values(asset, values - fresh)
    Lookup.objects.bulk_create(_lookup(run, asset, row, planned, known.get(row.value), now) for row in asked)
    change(run.pk, todo=-len(rows), fresh=len(settled))


def _lookup(
    run: Run, asset: FacebookApp | Page, row: ListRow, planned: Plan, known: int | None, now: datetime
) -> Lookup:
    lookup = Lookup(
        business=run.business,
        run=run,
        **scope_of(asset),
        value=row.value,
        scoped_id_id=known,
        list_row=row,
        lane=Lane.BULK,
        created_at=now,
    )
    if not planned.allowed:
        lookup.state, lookup.held_for, lookup.why = State.HELD, HeldFor.TOKEN, planned.why_not
        lookup.apps_outcome = lookup.pages_outcome = Outcome.TOKEN
    elif planned.held:
        lookup.state, lookup.held_for = State.HELD, HeldFor.REVIEW
    return lookup


def _mark(rows: Sequence[ListRow], state: str, reason: str = "") -> None:
    if rows:
        ListRow.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, reason=reason)


def _cancel_some(run: Run, now: datetime) -> int:
    """Settle the next rows of a cancelled list; the last lookups under way end by themselves."""
    keys = list(_next_rows(run).values_list("pk", flat=True)[: 10 * CHUNK])
    if not keys:
        if not Lookup.objects.filter(run=run).unfinished().exists():
            Run.objects.filter(pk=run.pk).update(finished_at=now)
        return 0
    rows = ListRow.objects.filter(pk__in=keys)
    last = rows.aggregate(last=Max("line"))["last"]
    rows.update(state=_Row.REFUSED, reason="cancelled")
    change(run.pk, todo=-len(keys), refused=len(keys))
    Run.objects.filter(pk=run.pk).update(fed_line=last)
    return len(keys)
