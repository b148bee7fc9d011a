"""Ask again, in the background, about IDs that were not confirmed for too long: the oldest first, with few calls.

No table is scanned. `Person.confirmed_after` is never later than the oldest confirmation among a person's IDs, so
its index gives the persons that may be due, the oldest first. Answers do not write this column, to stay cheap; the
refresh writes it after it has looked at a person. That moves the person to the end of the queue, so a person who
can't be asked about does not hold up the others.

Each step is a transaction alone with the business, so two ticks at once look at different persons.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from math import ceil
from operator import or_

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from businesses import turns
from businesses.models import Business
from lookups.asking import holds
from lookups.asking.tallies import change, close_if_over
from lookups.evidence.freshness import stale_before
from lookups.freshness.askable import AskableAssets
from lookups.freshness.due import PersonToRefresh, fewest, to_refresh
from lookups.models import (
    FreshnessCount,
    Lane,
    Lookup,
    Match,
    MatchState,
    Person,
    Question,
    Run,
    ScopedID,
    State,
)
from lookups.models.outcomes import Edge, answered_column

logger = logging.getLogger(__name__)

AHEAD = 4000  # the most lookups of a run that may wait: twice what two workers have under way
CHUNK = 200  # persons looked at in one transaction
MOST_LOOKED_AT = 2000  # persons looked at in one tick
FEWEST = 50  # lookups that a tick may always make: one request to Graph holds as many
SPREAD = 0.1  # IDs that fall due at the same moment are asked about over this part of the interval
TICK = timedelta(minutes=1)
RUN_TAKES_FOR = timedelta(hours=24)
NEXT_RUN_AFTER = timedelta(hours=1)
ASKED_AGAIN_AFTER = timedelta(hours=24)  # if no answer came
LOOKED_AT_AGAIN_AFTER = timedelta(hours=1)  # if nothing could be asked


@dataclass
class Picked:
    """The result of a tick: lookups made, persons looked at, and IDs that could not be asked about, by reason."""

    made: int = 0
    looked_at: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def pick(now: datetime) -> Picked:
    """Make lookups for the due IDs of all businesses, and end the runs that are over."""
    picked = Picked()
    for key in Business.objects.order_by("pk").values_list("pk", flat=True):
        try:
            _pick_of(key, now, picked)
        except Exception:  # a bug that shows in one business must not stop the others
            logger.exception("Nothing was refreshed of business %s; the next tick tries again.", key)
    return picked


def pace(count: FreshnessCount, time: timedelta = TICK) -> int:
    """Give how many lookups may be made in this time (by default, a minute).

    If all IDs fall due at once, they are asked about over a tenth of the interval. A single burst would come back
    after every interval; a slower pace would let the last IDs wait too long.
    """
    spread = SPREAD * timedelta(days=max(1, count.days))
    return max(FEWEST, ceil(count.people * time / spread))


def _pick_of(business_pk: int, now: datetime, picked: Picked) -> None:
    left, made, end = _allowance(business_pk, now), 0, picked.looked_at + MOST_LOOKED_AT
    if not left:
        return
    more = True
    while more and left > made and picked.looked_at < end:
        step, more = _step(business_pk, left - made, now, picked)
        made += step
    if not (made or more):
        _close(business_pk, now)


def _allowance(business_pk: int, now: datetime) -> int:
    """Give how many lookups this tick may make; none if another tick has just run."""
    count, _ = FreshnessCount.objects.get_or_create(business_id=business_pk)
    is_usual = count.picked_at is not None and count.picked_at <= now  # not if the clock was put back
    since = now - count.picked_at if is_usual and count.picked_at else TICK
    if since < TICK / 2:
        return 0
    FreshnessCount.objects.filter(pk=count.pk).update(picked_at=now)
    return AHEAD if count.counted_at is None else pace(count, min(since, timedelta(hours=1)))


def _step(business_pk: int, most: int, now: datetime, picked: Picked) -> tuple[int, bool]:
    """Look at the next persons; gives how many lookups were made, and whether more may be due."""
    with transaction.atomic():
        business = turns.alone_with(business_pk)
        run = _newest_run(business, now)
        if not (_may_refresh(business) and _takes(run, now)):
            return 0, False
        is_open = run is not None and run.finished_at is None
        room = min(most, AHEAD - _waiting(run)) if is_open else most
        chosen = _Chosen(business, room, now, picked)
        chosen.take_unconfirmed()
        more = chosen.take_due()
        if chosen.rows:
            _store(run if run and is_open else _new_run(business, now), chosen.rows.values(), now)
        picked.made += len(chosen.rows)
        return len(chosen.rows), more and room > 0


def _may_refresh(business: Business) -> bool:
    allowed = business.refreshes and business.refresh_days and business.policy_confirmed_at is not None
    return bool(allowed) and holds.open_review(business) is None


def _newest_run(business: Business, now: datetime) -> Run | None:
    """Give the newest refresh run, locked; None if a new run should begin although the newest is still open.

    A run takes lookups for a day: a larger run would be hard to read. After that day, a new run begins as soon as
    all unfinished lookups of the old one are held, because held lookups may never end.
    """
    runs = Run.objects.filter(business=business, kind=Run.Kind.REFRESH).order_by("-pk")
    newest = runs.select_for_update(no_key=True, of=("self",)).first()
    if newest is None or newest.finished_at or newest.state != Run.State.GOING:
        return newest
    return None if newest.created_at <= now - RUN_TAKES_FOR and not _waiting(newest) else newest


def _takes(run: Run | None, now: datetime) -> bool:
    """Tell whether lookups may be made now, in this run or in a new one after it."""
    if run is None:
        return True
    if run.finished_at:  # IDs that fall due within an hour share a run
        return now >= run.created_at + NEXT_RUN_AFTER
    return run.state == Run.State.GOING and run.created_at > now - RUN_TAKES_FOR


def _new_run(business: Business, now: datetime) -> Run:
    return Run.objects.create(business=business, kind=Run.Kind.REFRESH, created_at=now, started_at=now)


def _waiting(run: Run | None) -> int:
    return Lookup.objects.filter(run=run, state__in=(State.WAITING, State.CLAIMED)).count() if run else 0


def _store(run: Run, rows: Collection[ScopedID], now: datetime) -> None:
    common = {"business_id": run.business_id, "run": run, "lane": Lane.BULK, "created_at": now}
    Lookup.objects.bulk_create(Lookup(**common, asset_id=row.asset_id, value=row.value, scoped_id=row) for row in rows)
    change(run.pk, rows=len(rows))


def _close(business_pk: int, now: datetime) -> None:
    """End the open refresh runs without unfinished lookups. Called when nothing is due that can be asked about now."""
    runs = Run.objects.filter(business=business_pk, kind=Run.Kind.REFRESH, finished_at=None)
    for key in runs.values_list("pk", flat=True):
        with transaction.atomic():
            run = runs.select_for_update(no_key=True, of=("self",)).filter(pk=key).first()
            if run and run.state in (Run.State.GOING, Run.State.CANCELLED):
                close_if_over(run, now)


class _Chosen:
    """The IDs that one step chooses to ask about, at most `room`."""

    def __init__(self, business: Business, room: int, now: datetime, picked: Picked) -> None:
        self.rows: dict[int, ScopedID] = {}
        self._business, self._room, self._now, self._picked = business, room, now, picked
        self._askable = AskableAssets(business, now)

    def take_unconfirmed(self) -> None:
        """Take the IDs whose answer omitted a link: a second answer confirms or withdraws it."""
        lacking = _lacking(self._business, self._now)
        while len(self.rows) < self._room:
            room = min(CHUNK, self._room - len(self.rows))
            found = list(lacking.exclude(self._askable.closed).exclude(pk__in=self.rows).order_by("pk")[:room])
            self._askable.look_at([row.asset_id for row in found])
            open_ = [row for row in found if not self._why_not(row)]
            self._add(open_)
            if len(found) < room and len(open_) == len(found):
                break

    def take_due(self) -> bool:
        """Take the due IDs of the next persons, the oldest first; tells whether more persons may be due."""
        cutoff = stale_before(self._business, self._now)
        since = Coalesce("confirmed_after", "created_at")
        oldest = Person.objects.filter(business=self._business).annotate(since=since).filter(since__lt=cutoff)
        keys = list(oldest.order_by("since").values_list("pk", flat=True)[:CHUNK])
        hints: dict[int, datetime] = {}
        for key, person in to_refresh(self._business, keys, cutoff).items():
            if len(self.rows) >= self._room:
                break
            self._picked.looked_at += 1
            hints[key] = self._judge(person, cutoff)
        _write_hints(hints)
        return len(keys) == CHUNK

    def _judge(self, person: PersonToRefresh, cutoff: datetime) -> datetime:
        """Choose which IDs of one person to ask about; gives the person's new `confirmed_after`.

        The refresh looks at the person again when that time is older than the cutoff.
        """
        due = person.due(cutoff)
        if not due:
            return person.oldest if person.members else self._now
        if person.going or person.members.keys() & self.rows.keys():
            return cutoff + LOOKED_AT_AGAIN_AFTER
        self._askable.look_at([row.asset_id for row in person.members.values()])
        parts = person.parts([key for key, row in person.members.items() if self._may_ask(person, row, cutoff)])
        named = {key: names for key, names in person.named.items() if key in parts}
        chosen = fewest(due, named, parts)
        self._add(person.members[key] for key in chosen)
        left = due.difference(*(named.get(key, parts[key]) for key in chosen), chosen)
        self._picked.skipped.update(self._why_not(person.members[key]) or "asked" for key in left)
        return cutoff + (LOOKED_AT_AGAIN_AFTER if left else ASKED_AGAIN_AFTER)

    def _may_ask(self, person: PersonToRefresh, row: ScopedID, cutoff: datetime) -> bool:
        return person.may_tell(row.pk, cutoff) and not self._why_not(row)

    def _why_not(self, row: ScopedID) -> str:
        return self._askable.why_not(row.asset_id)

    def _add(self, rows: Iterable[ScopedID]) -> None:
        self.rows |= {row.pk: row for row in rows}


def _lacking(business: Business, now: datetime) -> "QuerySet[ScopedID]":
    """Give the IDs whose answer omitted a link so long ago that a second answer may withdraw it.

    IDs that were answered or asked about since then are left out: the answer came to another app's token, or no
    answer came.
    """
    wait = timedelta(hours=settings.IDLINK_WITHDRAW_AFTER_HOURS)
    decisive = ExpressionWrapper(F("missing_since") + wait, output_field=DateTimeField())
    missing = Match.objects.filter(business=business, state=MatchState.UNCONFIRMED, is_live=True)
    ripe = missing.filter(missing_since__lte=now - wait).annotate(decisive=decisive)
    answered = [Q(edge=edge, **{f"source__{answered_column(edge)}__gte": F("decisive")}) for edge in Edge]
    asked = Lookup.objects.filter(scoped_id=OuterRef("source"), question=Question.LINKS, only=None)
    asked = asked.filter(created_at__gte=OuterRef("decisive")).filter(created_at__gte=now - ASKED_AGAIN_AFTER)
    wanted = ripe.exclude(reduce(or_, answered)).exclude(Exists(asked))
    return ScopedID.objects.filter(pk__in=wanted.values("source"))


def _write_hints(hints: dict[int, datetime]) -> None:
    Person.objects.bulk_update((Person(pk=key, confirmed_after=at) for key, at in hints.items()), ["confirmed_after"])
