"""A decision: evidence that a staff member made, with a reason. Later answers respect it; it can be undone.

All kinds are about one or two IDs, but the undo of an import is about a run: the matches it retracts point to it.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from businesses.models import Business
from lookups.models.run import Run
from lookups.models.scoped_id import ScopedID


class Decision(models.Model):
    """A decision: who made it, about which IDs or run, when and why; and who took it back."""

    class Kind(models.TextChoices):
        """What was decided."""

        RETRACT = "retract", "retract a match"
        ASSERT = "assert", "assert a link by hand"
        KEEP_APART = "apart", "keep two IDs apart"
        ACCEPT = "accept", "accept a conflict as it is"
        UNDO = "undo", "undo an import"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    one = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="+")
    other = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="undoings")
    # An undo is done step by step: `reached` is the last lookup done, `busy_until` ends the worker's lease.
    reached = models.PositiveBigIntegerField(default=0)
    busy_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.CharField(max_length=500, blank=True)

    business_path = "business"

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("other")), name="decision_about_two_ids"),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind="undo", run__isnull=False, one__isnull=True, other__isnull=True)
                | ~Q(kind="undo") & Q(run__isnull=True, one__isnull=False),
                name="decision_about_ids_or_a_run",
            ),
            models.UniqueConstraint(
                fields=["run"], condition=Q(kind="undo", undone_at=None), name="one_standing_undo_per_run"
            ),
        ]
        indexes = [
            models.Index(fields=["business"], condition=Q(kind="apart", undone_at=None), name="decisions_kept_apart"),
            models.Index(fields=["business"], condition=Q(kind="undo"), name="decisions_undoing"),
        ]

    def __str__(self) -> str:
        about = f"{self.one} and {self.other}" if self.other_id else str(self.one or self.run)
        return f"{self.get_kind_display()}: {about}"

    @property
    def scoped_ids(self) -> list[ScopedID]:
        """The IDs that the decision is about; none if it is about an import."""
        return [one for one in (self.one, self.other) if one]
