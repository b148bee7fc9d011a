"""How fresh a business's IDs were at the last count; stored, because counting millions takes too long for a page."""

from django.db import models

from businesses.models import Business

PROMISED_PERCENT = 95


class FreshnessCount(models.Model):
    """The figures of one business, counted at one moment, and the time at which its refresh last looked for due IDs.

    `held_up` counts stale IDs by the code of the reason; `calls` counts lookups by the key of the app or Page.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="freshness_count")
    picked_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    days = models.PositiveSmallIntegerField(default=0, help_text="The interval by which it was counted.")
    people = models.PositiveIntegerField(default=0)
    ids = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0, help_text="IDs confirmed within the interval.")
    held_up = models.JSONField(default=dict, help_text="Stale IDs of persons of whom no ID can be asked, by reason.")
    calls = models.JSONField(default=dict, help_text="Lookups it takes to confirm what is stale, by app or Page.")

    business_path = "business"

    class Meta:
        verbose_name = "freshness"
        verbose_name_plural = "freshness"
        ordering = ["business__name", "pk"]

    def __str__(self) -> str:
        return f"{self.business}: {self.confirmed} of {self.ids}"

    @property
    def due(self) -> int:
        """The number of stale IDs."""
        return self.ids - self.confirmed

    @property
    def percent(self) -> float | None:
        """The share of fresh IDs; None if there are no IDs."""
        return 100 * self.confirmed / self.ids if self.ids else None

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept: 95 % of the IDs confirmed within the interval."""
        return 100 * self.confirmed >= PROMISED_PERCENT * self.ids
