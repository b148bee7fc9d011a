"""A conflict: two pieces of evidence that can't both be right, by kind."""

from django.db import models
from django.db.models import Q

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.decision import Decision
from lookups.models.scoped_id import ScopedID


class Conflict(models.Model):
    """Two pieces of evidence that contradict each other. Open until a decision settles it or later evidence ends it."""

    class Kind(models.TextChoices):
        """How the evidence contradicts itself."""

        TWO_IDS = "two_ids", "one app or Page gives two IDs for a person"
        TWO_PERSONS = "two_persons", "one ID is proved for two persons"
        ONE_WAY = "one_way", "the two directions disagree"
        APART = "apart", "Graph links what was kept apart or retracted"
        OTHER_ASSET = "other_asset", "a row for another app or Page than asked"
        WRONG_KIND = "wrong_kind", "an ID of the wrong kind"
        MOVED = "moved", "an app or Page whose owner is in question"

    business = models.ForeignKey(Business, models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    one = models.ForeignKey(ScopedID, models.PROTECT, related_name="conflicts")
    other = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="conflicts_as_other")
    detail = models.CharField(max_length=40, blank=True, help_text="Graph's ID of the app or Page it is about.")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When the evidence stopped contradicting itself.")
    settled_by = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="conflicts")

    business_path = "business"

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "one", "other", "detail"],
                condition=Q(ended_at=None, other__isnull=False),
                name="one_running_conflict_of_two_ids",
            ),
            models.UniqueConstraint(
                fields=["kind", "one", "detail"],
                condition=Q(ended_at=None, other__isnull=True),
                name="one_running_conflict_of_an_id",
            ),
        ]
        indexes = [
            models.Index(fields=["business"], condition=Q(ended_at=None, settled_by=None), name="conflicts_open"),
        ]

    def __str__(self) -> str:
        about = f"{self.one} and {self.other}" if self.other_id else str(self.one)
        return f"{self.get_kind_display()}: {about}"

    @property
    def is_open(self) -> bool:
        """Whether a staff member still has to decide."""
        return self.ended_at is None and self.settled_by_id is None
