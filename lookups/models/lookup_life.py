"""The life of a lookup: its states, and every change from one state to another for many lookups at once.

    waiting -> claimed      a worker takes it, under a lease and with a new attempt number
    claimed -> waiting      to be tried again, or its worker died
    claimed, waiting -> held     it waits for a review's end, a token or secret, or its paused run
    held -> waiting         its wait is over
    claimed, waiting, held -> done
    done -> waiting         a staff member has a refused or failed lookup tried again

The same changes for one lookup are methods of `Lookup`. No other code sets these columns; the database refuses other
changes.
"""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from lookups.models.outcomes import Edge, Outcome, outcome_column
from lookups.models.policy_review import under_review
from lookups.models.quota_pool import QuotaPool
from lookups.models.run import Run


class State(models.TextChoices):
    """The state of a lookup."""

    WAITING = "waiting", "waiting"
    CLAIMED = "claimed", "being asked"
    HELD = "held", "held"
    DONE = "done", "done"


class Question(models.TextChoices):
    """What is asked of the node; profile fields are never asked together with links."""

    LINKS = "links", "links"
    NAME = "name", "name"


class Lane(models.TextChoices):
    """The queue that serves a lookup: people in a browser go before bulk work."""

    STAFF = "staff", "staff"
    BULK = "bulk", "bulk"


class HeldFor(models.TextChoices):
    """What a held lookup waits for."""

    REVIEW = "review", "the end of a review"
    TOKEN = "token", "a working token or secret"
    PAUSE = "pause", "its run to go on"


class Ending(models.TextChoices):
    """The category in which a run's sum counts a finished lookup."""

    LINKED = "linked", "linked"
    NONE = "none", "asked, none"
    FRESH = "fresh", "already fresh"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"


NO_OUTCOMES = {outcome_column(edge): "" for edge in Edge}


class LookupQuerySet(models.QuerySet["Any"]):
    """Filters for lookups, and changes of many lookups at once."""

    def askable(self, lane: str, now: datetime) -> Self:
        """Narrow to the lookups to ask now: waiting, due, and without a pausing pool; during a review only its probe.

        Bulk work pauses earlier than other work, because a share of every limit is kept for staff.
        """
        pauses = Q(wait_until__gt=now) | (Q(bulk_wait_until__gt=now) if lane == Lane.BULK else Q())
        paused = Exists(QuotaPool.objects.filter(pauses, asset=OuterRef("asset")))
        due = self.filter(state=State.WAITING, lane=lane).filter(Q(not_before=None) | Q(not_before__lte=now))
        return due.filter(Q(is_probe=True) | ~under_review()).filter(~paused)

    def abandoned(self, now: datetime) -> Self:
        """Narrow to the claimed lookups whose lease has run out, or ends later than any lease given now could end.

        A lease ends too late if the clock was put back after the claim. If its worker is dead, the lookup would stay
        claimed until the clock catches up.
        """
        longest = now + timedelta(seconds=2 * settings.IDLINK_LEASE_SECONDS)  # clocks of several machines differ a bit
        return self.filter(Q(lease_until__lt=now) | Q(lease_until__gt=longest), state=State.CLAIMED)

    def unfinished(self) -> Self:
        """Narrow to the lookups that are not done."""
        return self.exclude(state=State.DONE)

    def held(self, for_what: str) -> Self:
        """Narrow to the lookups held for this."""
        return self.filter(state=State.HELD, held_for=for_what)

    def still_of(self, *lookups: Any) -> Self:
        """Narrow to those of `lookups` that are still claimed with the same attempt number."""
        same = Q(pk__in=[])
        for attempt in {lookup.attempt for lookup in lookups}:
            same |= Q(pk__in=[lookup.pk for lookup in lookups if lookup.attempt == attempt], attempt=attempt)
        return self.filter(same, state=State.CLAIMED)

    def claim(self, lease: datetime) -> int:
        """Claim them with a new attempt number: a worker with an older number can no longer write them."""
        return self.update(
            state=State.CLAIMED, attempt=F("attempt") + 1, tries=F("tries") + 1, lease_until=lease, held_for=""
        )

    def free(self) -> int:
        """Put claimed lookups back to waiting, so that another worker can take them."""
        return self.update(state=State.WAITING, lease_until=None)

    def hold(self, for_what: str, **columns: object) -> int:
        """Hold them for this."""
        return self.update(
            **columns, state=State.HELD, held_for=for_what, is_probe=False, lease_until=None, not_before=None
        )

    def take_away(self, for_what: str) -> int:
        """Hold them for this, even if they are claimed: the new attempt number keeps their worker from writing them."""
        return self.hold(for_what, attempt=F("attempt") + 1)

    def release(self, **columns: object) -> int:
        """Release held lookups; gives how many wait to be asked now. Only this method decides what comes after a hold.

        Lookups of a paused run are held for it, and lookups of a business under review are held for the review.
        """
        free = columns | {"tries": 0, "not_before": None}
        rows = self.filter(state=State.HELD)
        rows.filter(run__state=Run.State.PAUSED).update(**free, held_for=HeldFor.PAUSE)
        going = rows.exclude(run__state=Run.State.PAUSED)
        going.filter(under_review()).update(**free, held_for=HeldFor.REVIEW)
        return going.filter(~under_review()).update(**free, state=State.WAITING, held_for="")

    def probe(self) -> int:
        """Make held lookups probes, which are asked although a review is open; a probe waits behind no list."""
        probe = {"is_probe": True, "lane": Lane.STAFF, "tries": 0}
        return self.filter(state=State.HELD).update(**probe, state=State.WAITING, held_for="")

    def give_up(self, why: str, *, now: datetime) -> int:
        """End the lookups that were not sent yet."""
        unsent = self.filter(state__in=(State.WAITING, State.HELD))
        return unsent._end_unasked(Ending.REFUSED, why, now)

    def spare(self, why: str, *, now: datetime) -> int:
        """End claimed lookups that need not be sent, because their IDs are fresh by now."""
        return self.filter(state=State.CLAIMED)._end_unasked(Ending.FRESH, why, now)

    def _end_unasked(self, ending: Ending, why: str, now: datetime) -> int:
        not_asked = {outcome_column(edge): Outcome.NOT_ASKED for edge in Edge}
        return self.update(
            **not_asked,
            state=State.DONE,
            held_for="",
            is_probe=False,
            lease_until=None,
            not_before=None,
            finished_at=now,
            ending=ending,
            why=why,
        )

    def ask_again(self) -> int:
        """Put done lookups back to waiting, as if they had never been asked."""
        return self.filter(state=State.DONE).update(
            **NO_OUTCOMES, state=State.WAITING, ending="", tries=0, finished_at=None, why=""
        )
