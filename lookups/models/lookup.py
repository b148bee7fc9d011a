"""A lookup: one question to Graph about one scoped ID, and its outcome. The row is the truth."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from businesses.models import Business, FacebookApp, Page
from businesses.models.graph_id import MAX_DIGITS
from lookups.models.list_row import ListRow
from lookups.models.outcomes import Edge, Outcome
from lookups.models.policy_review import PolicyReview
from lookups.models.quota_pool import QuotaPool
from lookups.models.run import Run
from lookups.models.scoped_id import ScopedID


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


class LookupQuerySet(models.QuerySet["Lookup"]):
    """Choices among lookups."""

    def askable(self, lane: str, now: datetime) -> Self:
        """Those to be asked now: waiting and due, of no pool that pauses; during a review only its probe.

        Bulk work leaves a share of every limit to what people ask for.
        """
        pauses = Q(wait_until__gt=now) | (Q(bulk_wait_until__gt=now) if lane == Lane.BULK else Q())
        pausing = QuotaPool.objects.filter(pauses)
        paused = Exists(pausing.filter(app=OuterRef("app"))) | Exists(pausing.filter(page=OuterRef("page")))
        under_review = Exists(PolicyReview.objects.filter(business=OuterRef("business"), closed_at=None))
        due = self.filter(state=State.WAITING, lane=lane).filter(Q(not_before=None) | Q(not_before__lte=now))
        return due.filter(Q(is_probe=True) | ~under_review).filter(~paused)

    def abandoned(self, now: datetime) -> Self:
        """Those claimed by a worker whose lease has run out, or ends later than any that is given now.

        The latter is of a clock that was put back since: who died before would else hold it for as long as that.
        """
        longest = now + timedelta(seconds=2 * settings.IDLINK_LEASE_SECONDS)  # clocks of several machines differ a bit
        return self.filter(Q(lease_until__lt=now) | Q(lease_until__gt=longest), state=State.CLAIMED)

    def let_go(self, **columns: object) -> int:
        """Release held lookups, to be asked; those of a paused run wait for it instead. Gives how many may go."""
        free = columns | {"tries": 0, "not_before": None}
        self.filter(run__state=Run.State.PAUSED).update(**free, held_for=HeldFor.PAUSE)
        return self.exclude(held_for=HeldFor.PAUSE).update(**free, state=State.WAITING, held_for="")

    def unfinished(self) -> Self:
        """Those that still have something to come."""
        return self.exclude(state=State.DONE)


class Lookup(models.Model):
    """One node, what is asked of it, its state, lease and attempt number, and an outcome per edge."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="lookups")
    run = models.ForeignKey(Run, models.PROTECT, related_name="lookups")
    app = models.ForeignKey(FacebookApp, models.PROTECT, null=True, related_name="+")
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+")
    value = models.CharField("scoped ID", max_length=MAX_DIGITS)
    scoped_id = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="lookups")
    question = models.CharField(max_length=10, choices=Question.choices, default=Question.LINKS)
    only_app = models.ForeignKey(FacebookApp, models.PROTECT, null=True, related_name="+", db_index=False)
    only_page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+", db_index=False)

    lane = models.CharField(max_length=10, choices=Lane.choices, default=Lane.STAFF)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    held_for = models.CharField(max_length=10, choices=HeldFor.choices, blank=True)
    list_row = models.OneToOneField(ListRow, models.PROTECT, null=True, related_name="lookup")
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)
    is_probe = models.BooleanField(default=False)
    # `attempt` only grows: it fences off a worker that lost its lease. `tries` starts anew after a hold.
    attempt = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    apps_outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    pages_outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    why = models.TextField(blank=True)

    business_path = "business"
    objects = LookupQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(app__isnull=False, page__isnull=True) | Q(app__isnull=True, page__isnull=False),
                name="lookup_of_one_asid_or_one_psid",
            ),
            models.CheckConstraint(
                condition=Q(only_app__isnull=True) | Q(only_page__isnull=True), name="at_most_one_filter"
            ),
            models.CheckConstraint(
                condition=Q(state=State.DONE, finished_at__isnull=False)
                | (~Q(state=State.DONE) & Q(finished_at__isnull=True)),
                name="done_means_finished",
            ),
            models.CheckConstraint(
                condition=Q(state=State.HELD) & ~Q(held_for="") | ~Q(state=State.HELD) & Q(held_for=""),
                name="held_for_something",
            ),
        ]
        indexes = [
            models.Index(fields=["only_app"], condition=Q(only_app__isnull=False), name="lookup_of_one_app"),
            models.Index(fields=["only_page"], condition=Q(only_page__isnull=False), name="lookup_of_one_page"),
            models.Index(fields=["lane", "id"], condition=Q(state=State.WAITING), name="lookup_waiting_by_lane"),
            models.Index(fields=["lease_until"], condition=Q(state=State.CLAIMED), name="lookup_by_lease"),
            models.Index(fields=["business"], condition=Q(state=State.HELD), name="lookup_held"),
            models.Index(fields=["run", "state"], condition=~Q(state=State.DONE), name="lookup_unfinished_by_run"),
            models.Index(
                fields=["run", "ending"],
                condition=Q(ending__in=[Ending.REFUSED, Ending.FAILED]),
                name="lookup_not_answered_by_run",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    @property
    def kind(self) -> str:
        """ASID or PSID."""
        return "ASID" if self.app_id else "PSID"

    @property
    def asset(self) -> FacebookApp | Page:
        """The app or Page the node's ID is scoped to."""
        asset = self.app or self.page
        if asset is None:
            raise ValueError("A lookup has an app or a Page.")
        return asset

    @property
    def address(self) -> str:
        """The page on which this lookup's progress shows."""
        return reverse("admin:lookups_lookup_change", args=[self.pk])

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges asked for; a filter narrows them to its own."""
        if self.question != Question.LINKS:
            return ()
        if self.only_app_id:
            return (Edge.APPS,)
        if self.only_page_id:
            return (Edge.PAGES,)
        return (Edge.APPS, Edge.PAGES)

    def outcome_of(self, edge: Edge) -> str:
        """Give what became of one edge; empty while unknown or not asked."""
        return self.apps_outcome if edge == Edge.APPS else self.pages_outcome

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each edge asked, by the edge's label."""
        return {str(edge.label): self.outcome_of(edge) for edge in self.edges}
