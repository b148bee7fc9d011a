"""A person: the scoped IDs of one business that live matches connect."""

from typing import Self

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce
from django.urls import reverse

from businesses.models import Business
from lookups.models.public_id import LENGTH


class Person(models.Model):
    """One person of one business.

    The public ID is that of the founding scoped ID, the member seen first. A person whose IDs were joined to
    another person keeps its row: its address leads to the person to whom the founding ID belongs now.
    """

    # Not indexed alone: the index of business and confirmation begins with this column.
    business = models.ForeignKey(Business, models.PROTECT, related_name="people", db_index=False)
    public_id = models.CharField("public ID", max_length=LENGTH, editable=False)
    created_at = models.DateTimeField(editable=False)
    # A hint for the refresh: no ID's last confirmation is earlier. Empty: the time since `created_at` counts.
    confirmed_after = models.DateTimeField(null=True, editable=False)

    business_path = "business"

    class Meta:
        verbose_name_plural = "people"
        ordering = ["-pk"]
        # Not `unique=True`: on PostgreSQL it adds an index for patterns, which no query needs.
        constraints = [models.UniqueConstraint(fields=["public_id"], name="one_person_per_public_id")]
        indexes = [
            models.Index(fields=["created_at"], name="persons_by_age"),
            models.Index(F("business"), Coalesce("confirmed_after", "created_at"), name="persons_by_confirmation"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def address(self) -> str:
        """The address of the person's page."""
        return reverse("admin:lookups_person_page", args=[self.public_id])

    @property
    def is_empty(self) -> bool:
        """Whether all IDs of this person now belong to other persons."""
        return not self.scoped_ids.exists()

    def now(self) -> Self:
        """Give the person to whom this person's founding ID belongs today."""
        if not self.is_empty:
            return self
        return type(self).objects.get(scoped_ids__public_id=self.public_id)
