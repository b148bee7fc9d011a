"""A decision: evidence that a person made, with a reason. Later answers respect it; it can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from businesses.models import Business
from lookups.models.scoped_id import ScopedID


class Decision(models.Model):
    """Who decided what about which IDs, when and why; and who took it back."""

    class Kind(models.TextChoices):
        """What was decided."""

        RETRACT = "retract", "retract a match"
        ASSERT = "assert", "assert a link by hand"
        KEEP_APART = "apart", "keep two IDs apart"
        ACCEPT = "accept", "accept a conflict as it is"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    one = models.ForeignKey(ScopedID, models.PROTECT, related_name="+")
    other = models.ForeignKey(ScopedID, models.PROTECT, null=True, related_name="+")
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
        ]
        indexes = [
            models.Index(fields=["business"], condition=Q(kind="apart", undone_at=None), name="decisions_kept_apart"),
        ]

    def __str__(self) -> str:
        about = f"{self.one} and {self.other}" if self.other_id else str(self.one)
        return f"{self.get_kind_display()}: {about}"
