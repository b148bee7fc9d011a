"""Chooses which rows of a list become lookups next, so that Graph is asked about each person once.

An answer about one of a person's IDs covers the others, so they need not be asked. Which IDs are one person's is not
known before the answer; but one app or Page has one ID of each person. So the apps and Pages of a list take turns: the
next begins when all questions of the one before are answered, and by then many of its rows are fresh.

Three things would take long that way, and so are different. The first rows of a list go out for several apps and Pages
at once, but never two known IDs of one person. An app or Page that gets no calls for now lets the next one begin. And
a lookup that waits to be tried again holds nobody up: before it is asked, the worker sees whether it is fresh by then.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lookups.asking import pacing
from lookups.asking.planning import plans
from lookups.models import HeldFor, ListRow, Lookup, Run, ScopedID, State

FEED_AHEAD = 4000  # lookups of an app or Page; twice as many as two workers have under way
CHUNK = 500  # rows; meanwhile the run is locked, and who records answers to its lookups waits
AT_ONCE = 400  # rows that apps and Pages do not take turns for: so many calls at most could have been saved
_Row = ListRow.State
_COLUMNS = ("pk", "run", "line", "asset", "value", "state")


@dataclass
class _UnderWay:
    """The unfinished lookups of a run.

    `ahead` counts them by app or Page, without those that wait for a token: these must not stop other rows. `busy`
    holds the apps and Pages with lookups that are being asked, or can be now.
    """

    ahead: Counter[int] = field(default_factory=Counter)
    busy: set[int] = field(default_factory=set)
    held: int = 0
    resting: set[int] = field(default_factory=set)

    def room(self, asset_pk: int) -> int:
        """Give how many more lookups of an app or Page may be made. What a review holds counts for all of them."""
        return FEED_AHEAD - self.held - self.ahead[asset_pk]


def next_rows(run: Run, now: datetime) -> list[ListRow]:
    """Give the rows to settle next, all of one app or Page; none if none may be settled before some answers come."""
    under_way = _under_way(run, now)
    last = ListRow.objects.filter(run=run, line=run.fed_line).values_list("asset", flat=True).first()
    for asset_pk in _in_turn(run, last, under_way):
        after = run.fed_line if asset_pk == last else 0
        if under_way.room(asset_pk) >= CHUNK and (rows := _rows_of(run, asset_pk, after, under_way)):
            return rows
    return []


def _under_way(run: Run, now: datetime) -> _UnderWay:
    found = _UnderWay(resting=pacing.resting(run.business_id, now))
    is_due = Q(state=State.CLAIMED) | Q(state=State.WAITING) & (Q(not_before=None) | Q(not_before__lte=now))
    unfinished = Lookup.objects.filter(run=run, state__in=(State.WAITING, State.CLAIMED)).order_by()
    counts = unfinished.values_list("asset").annotate(ahead=Count("pk"), due=Count("pk", filter=is_due))
    for asset_pk, ahead, due in counts:
        found.ahead[asset_pk] = ahead
        if due and asset_pk not in found.resting:
            found.busy.add(asset_pk)
    found.held = Lookup.objects.filter(run=run).held(HeldFor.REVIEW).count()
    return found


def _in_turn(run: Run, last: int | None, under_way: _UnderWay) -> Iterator[int]:
    """Give the apps and Pages whose rows may be settled now: first that of the last rows, last those that rest."""
    if under_way.busy and _judged(run) >= AT_ONCE:
        if len(under_way.busy) == 1:
            yield from under_way.busy
        return
    if last and last not in under_way.resting:
        yield last
    yield from sorted(_with_rows(run), key=under_way.resting.__contains__)


def _judged(run: Run) -> int:
    """Give how many rows were made lookups, or found fresh or refused."""
    return run.rows - run.todo - run.held_rows - run.rejected - run.duplicate


def _with_rows(run: Run) -> list[int]:
    """Give the apps and Pages of the run's waiting rows, and of its held rows that can be asked again: apps first.

    A PSID's answer names no app if the person does not use the app that manages the Page. An ASID's names them all.
    """
    todo = Exists(_waiting(run, _Row.TODO).filter(asset=OuterRef("pk")))
    with_rows = run.business.assets.filter(todo | Q(pk__in=_let_go(run)))
    return list(with_rows.order_by("kind", "pk").values_list("pk", flat=True))


def _let_go(run: Run) -> set[int]:
    """Give the apps and Pages that have rows held for a token or secret, and have it again."""
    if not run.held_rows:
        return set()
    held = Exists(_waiting(run, _Row.HELD).filter(asset=OuterRef("pk")))
    planned = plans(run.business.assets.to_plan().filter(held))
    return {asset.pk for asset, one in planned.items() if not one.lacks_credential}


def _waiting(run: Run, state: str) -> "QuerySet[ListRow]":
    return ListRow.objects.filter(run=run, state=state)


def _rows_of(run: Run, asset_pk: int, after: int, under_way: _UnderWay) -> list[ListRow]:
    """Give the next rows of an app or Page, after this line; then those before it that waited for another's answer."""
    todo = _waiting(run, _Row.TODO).filter(asset=asset_pk).order_by("line").only(*_COLUMNS)
    rows = list(todo.filter(line__gt=after)[:CHUNK]) or list(todo[:CHUNK])
    if not rows and asset_pk in _let_go(run):
        rows = list(_waiting(run, _Row.HELD).filter(asset=asset_pk).only(*_COLUMNS)[:CHUNK])
    covered = _soon_covered(run, rows, under_way.busy - {asset_pk})
    return [row for row in rows if row.value not in covered]


def _soon_covered(run: Run, rows: Collection[ListRow], busy: Collection[int]) -> set[str]:
    """Give the IDs among these rows whose person's other ID is being asked about, in one of these apps and Pages."""
    if not (rows and busy):
        return set()
    asked = Lookup.objects.filter(run=run, asset__in=busy, state__in=(State.WAITING, State.CLAIMED))
    known = ScopedID.objects.filter(asset__in={row.asset_id for row in rows}, value__in=[row.value for row in rows])
    return set(known.filter(person__in=asked.values("scoped_id__person")).values_list("value", flat=True))
