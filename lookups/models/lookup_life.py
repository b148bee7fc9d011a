"""The life of a lookup: where it may stand, and every way from one state to another for many lookups at once.

    waiting -> claimed      a worker takes it, under a lease and with a new attempt number
    claimed -> waiting      to be tried again, or its worker died
    claimed, waiting -> held     it waits for a review's end, a token or secret, or its paused run
    held -> waiting         what it waited for has come
    claimed, waiting, held -> done
    done -> waiting         somebody wants what was refused or failed tried again

For one lookup the ways are methods of `Lookup`. Nobody else sets these columns; the database refuses others.
"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from lookups.models.outcomes import Edge, Outcome, outcome_column
from lookups.models.policy_review import PolicyReview
from lookups.models.quota_pool import QuotaPool
from lookups.models.run import Run


class State(models.TextChoices):
    """Where a lookup stands."""

    WAITING = "waiting", "waiting"
    CLAIMED = "claimed", "being asked"
    HELD = "held", "held"
    DONE = "done", "done"


class Question(models.TextChoices):
    """What is asked of the node; profile fields are never asked together with links."""

    LINKS = "links", "links"
    NAME = "name", "name"


class Lane(models.TextChoices):
    """Which queue serves it: people in a browser go before bulk work."""

    STAFF = "staff", "staff"
    BULK = "bulk", "bulk"


class HeldFor(models.TextChoices):
    """What a held lookup waits for."""

    REVIEW = "review", "the end of a review"
    TOKEN = "token", "a working token or secret"
    PAUSE = "pause", "its run to go on"


class Ending(models.TextChoices):
    """What a run's sum counts a finished lookup as."""

    LINKED = "linked", "linked"
    NONE = "none", "asked, none"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"


NO_OUTCOMES = {outcome_column(edge): "" for edge in Edge}


def _under_review() -> Exists:
    """Tell, in a query of rows of a business, which of them are of one under review."""
    return Exists(PolicyReview.objects.filter(business=OuterRef("business"), closed_at=None))


class LookupQuerySet(models.QuerySet["Any"]):
    """Choices among lookups, and what becomes of many at once."""

    def askable(self, lane: str, now: datetime) -> Self:
        """Those to be asked now: waiting and due, of no pool that pauses; during a review only its probe.

        Bulk work leaves a share of every limit to what people ask for.
        """
        pauses = Q(wait_until__gt=now) | (Q(bulk_wait_until__gt=now) if lane == Lane.BULK else Q())
        paused = Exists(QuotaPool.objects.filter(pauses, asset=OuterRef("asset")))
        due = self.filter(state=State.WAITING, lane=lane).filter(Q(not_before=None) | Q(not_before__lte=now))
        return due.filter(Q(is_probe=True) | ~_under_review()).filter(~paused)

    def abandoned(self, now: datetime) -> Self:
        """Those claimed by a worker whose lease has run out, or ends later than any that is given now.

        The latter is of a clock that was put back since: who died before would else hold it for as long as that.
        """
        longest = now + timedelta(seconds=2 * settings.IDLINK_LEASE_SECONDS)  # clocks of several machines differ a bit
        return self.filter(Q(lease_until__lt=now) | Q(lease_until__gt=longest), state=State.CLAIMED)

    def unfinished(self) -> Self:
        """Those that still have something to come."""
        return self.exclude(state=State.DONE)

    def held(self, for_what: str) -> Self:
        """Those that wait for this."""
        return self.filter(state=State.HELD, held_for=for_what)

    def still_of(self, *lookups: Any) -> Self:
        """Those of these claimed lookups that are still claimed by the same attempt."""
        same = Q(pk__in=[])
        for attempt in {lookup.attempt for lookup in lookups}:
            same |= Q(pk__in=[lookup.pk for lookup in lookups if lookup.attempt == attempt], attempt=attempt)
        return self.filter(same, state=State.CLAIMED)

    def claim(self, lease: datetime) -> int:
        """Take them: whoever holds an older attempt can write no more."""
        return self.update(
            state=State.CLAIMED, attempt=F("attempt") + 1, tries=F("tries") + 1, lease_until=lease, held_for=""
        )

    def free(self) -> int:
        """Let claimed ones be taken by another worker."""
        return self.update(state=State.WAITING, lease_until=None)

    def hold(self, for_what: str, **columns: object) -> int:
        """Let them wait for this."""
        return self.update(
            **columns, state=State.HELD, held_for=for_what, is_probe=False, lease_until=None, not_before=None
        )

    def take_away(self, for_what: str) -> int:
        """Let them wait for this, whoever has claimed them: a worker that comes back finds another attempt."""
        return self.hold(for_what, attempt=F("attempt") + 1)

    def release(self, **columns: object) -> int:
        """Let held ones go on; gives how many are asked now. The one place that says what a held lookup does next.

        Those of a paused run wait for it, those of a business under review for its end.
        """
        free = columns | {"tries": 0, "not_before": None}
        rows = self.filter(state=State.HELD)
        rows.filter(run__state=Run.State.PAUSED).update(**free, held_for=HeldFor.PAUSE)
        going = rows.exclude(run__state=Run.State.PAUSED)
        going.filter(_under_review()).update(**free, held_for=HeldFor.REVIEW)
        return going.filter(~_under_review()).update(**free, state=State.WAITING, held_for="")

    def probe(self) -> int:
        """Let held ones be asked although a review is open."""
        return self.filter(state=State.HELD).update(state=State.WAITING, held_for="", is_probe=True, tries=0)

    def give_up(self, why: str, *, now: datetime) -> int:
        """End what was not sent yet."""
        not_asked = {outcome_column(edge): Outcome.NOT_ASKED for edge in Edge}
        return self.filter(state__in=(State.WAITING, State.HELD)).update(
            **not_asked,
            state=State.DONE,
            held_for="",
            is_probe=False,
            not_before=None,
            finished_at=now,
            ending=Ending.REFUSED,
            why=why,
        )

    def ask_again(self) -> int:
        """Let done ones be asked as if they never had been."""
        return self.filter(state=State.DONE).update(
            **NO_OUTCOMES, state=State.WAITING, ending="", tries=0, finished_at=None, why=""
        )
