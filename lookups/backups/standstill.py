"""Let a restored installation ask nothing about people until somebody says so.

A backup knows what was under way when it was taken, not what became of it since. So runs come back paused, single
lookups that had no answer end as not asked, and no token is used before a check has shown that it still works.
Everything here happens in the transaction that fills the database: nobody ever sees it in between.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from businesses.models import FATAL, Business, Problem, TokenCheck
from lookups.asking.recording import record_not_asked
from lookups.models import COUNTED, HeldFor, Lookup, Run, State
from lookups.models.outcomes import Outcome

_BATCH = 1000


@dataclass(frozen=True)
class Stopped:
    """What waits for a person or for a check: runs, single lookups that ended unasked, tokens."""

    runs: int
    lookups: int
    tokens: int


def stand_still(taken_at: datetime, now: datetime) -> Stopped:
    """Stop what would go on by itself; the texts tell of which moment the backup is."""
    restored = f"idlink was restored from a backup of {taken_at:%d %b %Y, %H:%M} UTC"
    return Stopped(
        runs=_pause_runs(f"{restored}. What was asked since is not known here.", now),
        lookups=_end_single_lookups(f"{restored}, in which this had no answer. Ask again if it still matters.", now),
        tokens=_doubt_tokens(f"{restored}, and Graph was not asked since whether this token still works."),
    )


def _pause_runs(why: str, now: datetime) -> int:
    """Pause lists and refreshes under way; those of stopped runs that were on their way to Graph wait, too."""
    counted = Run.objects.filter(kind__in=COUNTED)
    going = counted.filter(state=Run.State.GOING, finished_at=None)
    going.update(state=Run.State.PAUSED, why=why, changed_by=None)
    open_ones = Lookup.objects.filter(run__in=counted).unfinished()
    # A worker that still writes for the database that was lost holds an older attempt.
    open_ones.take_away(HeldFor.PAUSE)
    _pause_refresh(why, now)
    return counted.filter(state=Run.State.PAUSED).count()


def _pause_refresh(why: str, now: datetime) -> None:
    """Give each business that refreshes a paused run: without one, a new run would begin by itself."""
    mine = Run.objects.filter(kind=Run.Kind.REFRESH, business=OuterRef("pk")).order_by("-pk")
    refreshing = Business.objects.filter(refreshes=True, refresh_days__gt=0, policy_confirmed_at__isnull=False)
    # Whether a new run may begin hangs on the newest alone: an older one that is paused holds up nothing.
    newest = refreshing.annotate(newest=Coalesce(Subquery(mine.values("state")[:1]), Value("")))
    Run.objects.bulk_create(
        Run(business=business, kind=Run.Kind.REFRESH, state=Run.State.PAUSED, created_at=now, started_at=now, why=why)
        for business in newest.exclude(newest=Run.State.PAUSED)
    )


def _end_single_lookups(why: str, now: datetime) -> int:
    """End what somebody asked in the browser, or idlink on account of an answer: whoever waited for it has gone."""
    single = Lookup.objects.exclude(run__kind__in=COUNTED)
    open_ones = Lookup.objects.filter(pk__in=single.unfinished().values("pk"))
    ended = open_ones.claim(now)
    while lookups := list(single.filter(state=State.CLAIMED).order_by("pk")[:_BATCH]):
        record_not_asked(lookups, Outcome.NOT_ASKED, why, now=now)
    return ended


def _doubt_tokens(text: str) -> int:
    """Let a check decide anew about every token that was thought fit: it may have been replaced or revoked since."""
    found_wrong = [problem for problem in FATAL if problem != Problem.RESTORED]
    fit = TokenCheck.objects.filter(refused_at=None).exclude(problem__in=found_wrong)
    return fit.update(
        problem=Problem.RESTORED,
        problem_text=text,
        proven_at=None,
        checked_at=None,
        check_tried_at=None,
        check_trouble="",
        doubted_at=None,
    )
