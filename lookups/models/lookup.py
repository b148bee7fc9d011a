"""A lookup: one question to Graph about one scoped ID, and its outcome. Workers act by this row, not by messages."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.urls import reverse

from businesses.models import Asset, Business
from businesses.models.graph_id import MAX_DIGITS
from lookups.models.list_row import ListRow
from lookups.models.lookup_life import NO_OUTCOMES, Ending, HeldFor, Lane, LookupQuerySet, Question, State
from lookups.models.outcomes import Edge, Outcome, edge_to, outcome_column
from lookups.models.run import Run
from lookups.models.scoped_id import ScopedID

# The columns that may change when a lookup goes from claimed to another state.
RESULT_COLUMNS = [
    "state", "is_probe", "lease_until", "tries", "not_before", "finished_at", *NO_OUTCOMES, "why", "held_for", "ending",
]  # fmt: skip


class Lookup(models.Model):
    """One node, the question about it, the state, lease and attempt number, and an outcome for each edge."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="lookups")
    run = models.ForeignKey(Run, models.PROTECT, related_name="lookups")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+", db_index=False)
    value = models.CharField("scoped ID", max_length=MAX_DIGITS)
    scoped_id = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="lookups")
    question = models.CharField(max_length=10, choices=Question.choices, default=Question.LINKS)
    only = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="+", db_index=False, help_text="The filter: asked of it alone."
    )

    lane = models.CharField(max_length=10, choices=Lane.choices, default=Lane.STAFF)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    held_for = models.CharField(max_length=10, choices=HeldFor.choices, blank=True)
    list_row = models.OneToOneField(ListRow, models.PROTECT, null=True, related_name="lookup")
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)
    is_probe = models.BooleanField(default=False)
    # `attempt` only grows, so a worker that lost its lease can write nothing. `tries` starts anew after a hold.
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
    # Changes that triggers refuse (see businesses.isolation): only a retry may reopen a lookup that is done.
    forbidden_changes = {
        "state": ("OLD.state = 'done' AND NEW.state IN ('claimed', 'held')", "what is done is neither claimed nor held")
    }
    objects = LookupQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.DONE, finished_at__isnull=False)
                | (~Q(state=State.DONE) & Q(finished_at__isnull=True)),
                name="done_means_finished",
            ),
            models.CheckConstraint(
                condition=Q(state=State.HELD) & ~Q(held_for="") | ~Q(state=State.HELD) & Q(held_for=""),
                name="held_for_something",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLAIMED, lease_until__isnull=False)
                | ~Q(state=State.CLAIMED) & Q(lease_until__isnull=True),
                name="claimed_under_a_lease",
            ),
            models.CheckConstraint(condition=Q(state=State.DONE) | Q(ending=""), name="only_what_is_done_has_ended"),
            models.CheckConstraint(
                condition=Q(is_probe=False) | Q(state__in=[State.WAITING, State.CLAIMED]), name="a_probe_is_under_way"
            ),
        ]
        indexes = [
            models.Index(fields=["asset", "value"], condition=~Q(state=State.DONE), name="lookup_unfinished_by_id"),
            models.Index(
                fields=["value"], condition=Q(scoped_id=None, state=State.DONE), name="lookup_of_an_id_not_stored"
            ),
            models.Index(fields=["only"], condition=Q(only__isnull=False), name="lookup_filtered"),
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
        return self.asset.kind_of.scoped_id

    @property
    def address(self) -> str:
        """The address of the page that shows this lookup's progress."""
        return reverse("admin:lookups_lookup_change", args=[self.pk])

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges asked for; with a filter, only the edge of its app or Page."""
        if self.question != Question.LINKS:
            return ()
        return tuple(Edge) if self.only_id is None or self.only is None else (edge_to(self.only.kind),)

    def outcome_of(self, edge: Edge) -> str:
        """Give the outcome of one edge; empty while it is unknown or not asked."""
        outcome: str = getattr(self, outcome_column(edge))
        return outcome

    def set_outcome(self, edge: Edge, outcome: str) -> None:
        """Set the outcome of one edge; the caller saves."""
        setattr(self, outcome_column(edge), outcome)

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each edge asked, by the edge's label."""
        return {str(edge.label): self.outcome_of(edge) for edge in self.edges}

    def wait_again(self, *, until: datetime, why: str) -> None:
        """Let the lookup be tried again from `until` on; the caller saves."""
        self._leave()
        self.state, self.not_before, self.why = State.WAITING, until, why

    def hold(self, for_what: HeldFor, *, why: str = "", outcome: str = "") -> None:
        """Hold the lookup; its edges show `outcome` meanwhile. The caller saves."""
        self._leave()
        self.state, self.held_for, self.is_probe, self.why = State.HELD, for_what, False, why
        for edge in Edge:
            self.set_outcome(edge, outcome if edge in self.edges else "")

    def finish(self, ending: Ending, *, now: datetime) -> None:
        """End the lookup, whose outcomes are set already; the caller saves."""
        self._leave()
        self.state, self.finished_at, self.is_probe, self.ending = State.DONE, now, False, ending

    def _leave(self) -> None:
        self.lease_until = self.not_before = None
        self.held_for = ""

    def claimed_until(self, lease: datetime) -> None:
        """Set on this object what `LookupQuerySet.claim` has written to the database."""
        self.state, self.lease_until, self.held_for = State.CLAIMED, lease, ""
        self.attempt, self.tries = self.attempt + 1, self.tries + 1

    def store_if_still_ours(self) -> bool:
        """Write where a claimed lookup went; tells whether it did: not if another attempt has taken over."""
        columns = {column: getattr(self, column) for column in RESULT_COLUMNS}
        return bool(type(self).objects.still_of(self).update(**columns))
