"""Keep a restored installation from asking about people until an admin resumes its runs.

A backup holds the lookups that were under way when it was taken, but not what happened to them afterwards. Runs
therefore come back paused, single lookups without an answer end as not asked, and no token is used until a check
has shown that it still works. All of this happens in the transaction that fills the database, so no process sees
the database before it.
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
    """How many runs and tokens wait for a person or a check, and how many single lookups ended unasked."""

    runs: int
    lookups: int
    tokens: int


def stand_still(taken_at: datetime, now: datetime) -> Stopped:
    """Stop all work that would go on by itself; the stored reasons name the moment of the backup."""
    restored = f"idlink was restored from a backup of {taken_at:%d %b %Y, %H:%M} UTC"
    return Stopped(
        runs=_pause_runs(f"{restored}. What was asked since is not known here.", now),
        lookups=_end_single_lookups(f"{restored}, in which this had no answer. Ask again if it still matters.", now),
        tokens=_doubt_tokens(f"{restored}, and Graph was not asked since whether this token still works."),
    )


def _pause_runs(why: str, now: datetime) -> int:
    """Pause lists and refreshes under way; hold the lookups of stopped runs that were claimed, too."""
    counted = Run.objects.filter(kind__in=COUNTED)
    going = counted.filter(state=Run.State.GOING, finished_at=None)
    going.update(state=Run.State.PAUSED, why=why, changed_by=None)
    open_ones = Lookup.objects.filter(run__in=counted).unfinished()
    # A worker of the lost database that still runs has an older attempt number, so it can't write here.
    open_ones.take_away(HeldFor.PAUSE)
    _pause_refresh(why, now)
    return counted.filter(state=Run.State.PAUSED).count()


def _pause_refresh(why: str, now: datetime) -> None:
    """Give each business with a refresh a paused run: without a paused run, a new one would begin by itself."""
    mine = Run.objects.filter(kind=Run.Kind.REFRESH, business=OuterRef("pk")).order_by("-pk")
    refreshing = Business.objects.filter(refreshes=True, refresh_days__gt=0, policy_confirmed_at__isnull=False)
    # Only the newest run decides whether a new one may begin: an older paused run does not prevent it.
    newest = refreshing.annotate(newest=Coalesce(Subquery(mine.values("state")[:1]), Value("")))
    Run.objects.bulk_create(
        Run(business=business, kind=Run.Kind.REFRESH, state=Run.State.PAUSED, created_at=now, started_at=now, why=why)
        for business in newest.exclude(newest=Run.State.PAUSED)
    )


def _end_single_lookups(why: str, now: datetime) -> int:
    """End lookups that a user asked in the browser or idlink asked after an answer: nobody waits for them any more."""
    single = Lookup.objects.exclude(run__kind__in=COUNTED)
    open_ones = Lookup.objects.filter(pk__in=single.unfinished().values("pk"))
    ended = open_ones.claim(now)
    while lookups := list(single.filter(state=State.CLAIMED).order_by("pk")[:_BATCH]):
        record_not_asked(lookups, Outcome.NOT_ASKED, why, now=now)
    return ended


def _doubt_tokens(text: str) -> int:
    """Mark every token that was fit for use as unchecked: it may have been replaced or revoked since the backup."""
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
