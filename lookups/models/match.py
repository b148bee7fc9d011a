"""A match: evidence that, asked about one scoped ID, Graph answered with another."""

from django.db import models
from django.db.models import F, Q

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.scoped_id import ScopedID
from lookups.outcomes import Edge


class Match(models.Model):
    """One direction of a link. It can't be stored without the answer that proved it."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    source = models.ForeignKey(ScopedID, models.PROTECT, related_name="matches_out")
    target = models.ForeignKey(ScopedID, models.PROTECT, related_name="matches_in")
    edge = models.CharField(max_length=20, choices=Edge.choices)
    first_answer = models.ForeignKey(Answer, models.PROTECT, related_name="+")
    first_seen = models.DateTimeField()
    # Not indexed: confirming a link must stay a cheap write.
    last_answer = models.ForeignKey(Answer, models.PROTECT, related_name="+", db_index=False)
    last_confirmed = models.DateTimeField()
    row_hash = models.CharField(max_length=64, help_text="SHA-256 of the answer's row, as JSON.")

    business_path = "business"

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "edge"], name="one_match_per_direction"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="no_match_with_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
