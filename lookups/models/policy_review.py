"""A review: a time in which Meta reviews the business's use of the API, error (#200)."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from businesses.models import Business


class PolicyReviewQuerySet(models.QuerySet["PolicyReview"]):
    """Choices among reviews."""

    def open(self) -> Self:
        """Keep the reviews that have not ended: at most one of each business."""
        return self.filter(closed_at=None)


def under_review() -> Exists:
    """Give a condition for a query of rows that belong to a business: the business is under review."""
    return Exists(PolicyReview.objects.open().filter(business=OuterRef("business")))


class PolicyReview(models.Model):
    """A review lasts from the first (#200) answer until a probe gets another answer. Meanwhile, lookups are held."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="reviews")
    opened_at = models.DateTimeField()
    last_answer_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    last_probe_at = models.DateTimeField(null=True)
    next_probe_at = models.DateTimeField()
    answers = models.PositiveIntegerField(default=1, help_text="How often Graph said so.")
    code = models.IntegerField(default=200)
    message = models.TextField()
    trace_id = models.CharField(max_length=64, blank=True)
    mailed_at = models.DateTimeField(null=True, editable=False, help_text="When the admins were told of it by e-mail.")

    business_path = "business"
    objects = PolicyReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["business"], condition=Q(closed_at__isnull=True), name="one_open_review_per_business"
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.business}"
