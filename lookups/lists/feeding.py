"""Turns the rows of lists into lookups, little by little.

Only as many lookups of one run wait at a time as the workers need. This has three effects: several runs take turns; a
row is not asked if another row's answer has just confirmed its link; pausing or cancelling a run touches few lookups.
`choosing` says which rows come next.

A row is held, without a lookup, while its app or Page lacks a token or secret. The rows after it go on.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from businesses.models import Asset
from lookups.asking.planning import Plan, plans
from lookups.asking.tallies import change, close_if_over
from lookups.evidence.freshness import fresh_values, known_values, stale_before
from lookups.lists.choosing import CHUNK, next_rows
from lookups.models import HeldFor, Lane, ListRow, Lookup, Run, State, bulk

logger = logging.getLogger(__name__)

CANCELLED_TOGETHER = 20_000  # rows; cancelling costs little
_Row = ListRow.State
_COUNTED_AS = {_Row.TODO: "todo", _Row.HELD: "held_rows"}


def feed(now: datetime) -> int:
    """Make lookups for each list under way that has too few waiting; gives how many rows were settled."""
    open_lists = Run.objects.filter(kind=Run.Kind.LIST, state__in=(Run.State.GOING, Run.State.CANCELLED))
    keys = open_lists.filter(finished_at=None).order_by("pk").values_list("pk", flat=True)
    return sum(_feed_unless_it_fails(key, now) for key in keys)


def _feed_unless_it_fails(run_pk: int, now: datetime) -> int:
    try:
        return _feed_one(run_pk, now)
    except Exception:  # an error in one list must not stop the other lists, nor the lookups that wait already
        logger.exception("Run %s could not be fed; the next sweep tries again.", run_pk)
    return 0


def _feed_one(run_pk: int, now: datetime) -> int:
    with transaction.atomic():
        # A locked run is skipped: another process is feeding it.
        locked = Run.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        run = locked.select_related("business").filter(pk=run_pk, finished_at=None).first()
        if run is None:
            return 0
        if run.state == Run.State.CANCELLED:
            return _cancel_some(run, now)
        if run.state != Run.State.GOING:
            return 0
        rows = next_rows(run, now)
        if not rows:
            close_if_over(run, now)
            return 0
        _settle_rows(run, rows, now)
        return len(rows)


def _settle_rows(run: Run, rows: Sequence[ListRow], now: datetime) -> None:
    """Make a lookup of each of these rows of one app or Page, or mark the row as fresh, held or refused."""
    for asset, planned in plans(Asset.objects.to_plan().filter(pk__in=[rows[0].asset_id])).items():
        _settle_rows_of(asset, planned, run, rows, now)
    _take_from_counts(run, rows)
    Run.objects.filter(pk=run.pk).update(fed_line=rows[-1].line)


def _settle_rows_of(asset: Asset, planned: Plan, run: Run, rows: Sequence[ListRow], now: datetime) -> None:
    if planned.lacks_credential:
        _mark(rows, _Row.HELD, planned.reasons[-1].code)
        change(run.pk, held_rows=len(rows))
        return
    if not planned.allowed:
        _mark(rows, _Row.REFUSED, planned.reasons[0].code)
        change(run.pk, refused=len(rows))
        return
    values = {row.value for row in rows}
    fresh = fresh_values(asset, values, stale_before(run.business, now))
    settled = [row for row in rows if row.value in fresh]
    asked = [row for row in rows if row.value not in fresh]
    _mark(settled, _Row.FRESH)
    _mark(asked, _Row.ASKED)
    known = known_values(asset, values - fresh)
    bulk.insert([_lookup(run, asset, row, planned, known.get(row.value), now) for row in asked])
    change(run.pk, fresh=len(settled))


def _lookup(run: Run, asset: Asset, row: ListRow, planned: Plan, known: int | None, now: datetime) -> Lookup:
    lookup = bulk.new(
        Lookup,
        business=run.business,
        run=run,
        asset=asset,
        value=row.value,
        scoped_id_id=known,
        list_row=row,
        lane=Lane.BULK,
        created_at=now,
    )
    if planned.held:
        lookup.state, lookup.held_for = State.HELD, HeldFor.REVIEW
    return lookup


def _take_from_counts(run: Run, rows: Sequence[ListRow]) -> None:
    """Take these rows off the counts of their old states. The caller adds them to the counts of their new ones."""
    was = Counter(_COUNTED_AS[_Row(row.state)] for row in rows)
    change(run.pk, **{column: -count for column, count in was.items()})


def _mark(rows: Sequence[ListRow], state: str, reason: str = "") -> None:
    keys = [row.pk for row in rows]
    for start in range(0, len(keys), CHUNK):
        ListRow.objects.filter(pk__in=keys[start : start + CHUNK]).update(state=state, reason=reason)


def _cancel_some(run: Run, now: datetime) -> int:
    """Refuse the next rows of a cancelled list. Without any left, close the run once its last lookups have ended."""
    left = ListRow.objects.filter(run=run, line__gt=run.fed_line, state__in=(_Row.TODO, _Row.HELD))
    rows = list(left.order_by("line").only("pk", "line", "state")[:CANCELLED_TOGETHER])
    if not rows:
        close_if_over(run, now)
        return 0
    _mark(rows, _Row.REFUSED, "cancelled")
    _take_from_counts(run, rows)
    change(run.pk, refused=len(rows))
    Run.objects.filter(pk=run.pk).update(fed_line=rows[-1].line)
    return len(rows)
