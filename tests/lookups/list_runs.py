"""Lists for tests, as reading leaves them: a run with its rows; and a worker that works them off."""

from django.utils import timezone

from businesses.models import Asset
from lookups.asking import resolver
from lookups.lists import feeding
from lookups.models import ListRow, Run

Row = ListRow.State


def make_list(asset: Asset, *values: str, by=None, state: str = Run.State.GOING, rejected: int = 0) -> Run:
    """A list that was read: a row for each value, all of one app or Page, and some rejected lines after them."""
    run = Run.objects.create(
        business=asset.business,
        kind=Run.Kind.LIST,
        state=state,
        asked_by=by,
        created_at=timezone.now(),
        started_at=None if state == Run.State.READY else timezone.now(),
        rows=len(values) + rejected,
        todo=len(values),
        rejected=rejected,
    )
    add_rows(run, asset, *values)
    ListRow.objects.bulk_create(
        ListRow(
            business=run.business, run=run, line=len(values) + n, value="x", state=Row.REJECTED, reason="not_digits"
        )
        for n in range(1, rejected + 1)
    )
    return run


def add_rows(run: Run, asset: Asset, *values: str, first: int = 1) -> None:
    """Rows of one app or Page, from this line on."""
    ListRow.objects.bulk_create(
        ListRow(business=run.business, run=run, line=line, value=value, asset=asset)
        for line, value in enumerate(values, start=first)
    )


def ask_batch(lane: str) -> int:
    """Ask about one batch of what is due in a lane; gives whether there was one."""
    return resolver.resolve_turn(lane, at_once=1, most=1)


def work(run: Run, *, turns: int = 1000) -> Run:
    """Feed and resolve until nothing more happens, as a worker does; gives the run as it is then."""
    for _ in range(turns):
        fed = feeding.feed(timezone.now())
        if not ask_batch("bulk") and not fed:
            break
    run.refresh_from_db()
    return run
