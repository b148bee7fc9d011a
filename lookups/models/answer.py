"""An answer of Graph to one lookup: the proof of links, or the error in full."""

from django.db import models

from businesses.models import Asset, Business
from lookups.models.lookup import Lookup


class Answer(models.Model):
    """One HTTP answer (an item of a batch), with all that is needed to show its request later.

    The lookup and its run hold the node, the filter and the user who asked.
    """

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    # Found by the unique key of lookup and attempt.
    lookup = models.ForeignKey(Lookup, models.PROTECT, related_name="answers", db_index=False)
    calling_app = models.ForeignKey(
        Asset, models.PROTECT, null=True, related_name="+", db_index=False, help_text="Whose token asked."
    )
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    edges = models.CharField(max_length=40, help_text="Edges or profile fields asked for, comma-separated.")
    complete = models.BooleanField(help_text="Read to its last page, every row understood.")
    token_fingerprint = models.CharField(max_length=19)
    http_status = models.PositiveSmallIntegerField(null=True)
    trace_id = models.CharField(max_length=64, blank=True)
    version_asked = models.CharField(max_length=10)
    version_served = models.CharField(max_length=10, blank=True)
    error = models.CharField(max_length=30, blank=True, help_text="Class of the error; empty for an answer.")
    code = models.IntegerField(null=True)
    subcode = models.IntegerField(null=True)
    message = models.TextField(blank=True)

    business_path = "business"

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["lookup", "attempt"], name="one_answer_per_attempt"),
        ]

    def __str__(self) -> str:
        return self.error or f"answer to {self.edges}"

    @property
    def code_text(self) -> str:
        """Graph's error code as support people write it: 100/33."""
        if self.code is None:
            return ""
        return f"{self.code}/{self.subcode}" if self.subcode else str(self.code)
