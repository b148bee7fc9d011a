"""A run: a set of lookups asked for together."""

from django.conf import settings
from django.db import models

from businesses.models import Business


class Run(models.Model):
    """Who asked for what, when. Its progress is the state of its lookups."""

    class Kind(models.TextChoices):
        """What started the run."""

        ONE = "one", "one ID"
        AGAIN = "again", "look up again"
        CELL = "cell", "one app or Page"
        CHECK = "check", "the other direction"

    business = models.ForeignKey(Business, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    retries = models.PositiveIntegerField(default=0, help_text="How often its lookups were tried again, in all.")

    business_path = "business"

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.get_kind_display()}"
