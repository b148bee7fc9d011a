"""A pool of calls: what all workers know about the limit of one app or Page."""

from django.db import models

from businesses.models import Asset, Business


class QuotaPool(models.Model):
    """How much of a limit is used, how long Graph has had trouble, and until when no call is sent."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    asset = models.OneToOneField(Asset, models.PROTECT, related_name="pool")
    percent = models.FloatField(default=0, help_text="Of the limit, as Graph's usage headers last told.")
    seen_at = models.DateTimeField()
    troubles = models.PositiveSmallIntegerField(default=0, help_text="Calls in a row that Graph failed to answer.")
    wait_until = models.DateTimeField(null=True)
    bulk_wait_until = models.DateTimeField(null=True, help_text="Until then only what people ask for is sent.")
    why = models.CharField(max_length=200, blank=True)

    business_path = "business"

    def __str__(self) -> str:
        return f"{self.asset}: {self.percent:.0f} %"
