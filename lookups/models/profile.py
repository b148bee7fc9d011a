"""What Graph says about a person besides links, and when it was read."""

from django.db import models

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.scoped_id import ScopedID


class Profile(models.Model):
    """The fields about a person that one app or Page may read; a person's page shows the fields read last.

    ASIDs have an age range; PSIDs may say whether payment is enabled. A profile is deleted after the business's days.
    """

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    scoped_id = models.OneToOneField(ScopedID, models.PROTECT, related_name="profile")
    name = models.CharField(max_length=255, blank=True)
    folded = models.TextField(blank=True, editable=False, help_text="The name as it is searched for.")
    age_min = models.PositiveSmallIntegerField(null=True)
    age_max = models.PositiveSmallIntegerField(null=True)
    is_payment_enabled = models.BooleanField(null=True)
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    business_path = "business"

    class Meta:
        indexes = [models.Index(fields=["business", "read_at"], name="profiles_by_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def age(self) -> str:
        """The age range in words."""
        if self.age_min and self.age_max:
            return f"{self.age_min} to {self.age_max}"
        if self.age_min:
            return f"{self.age_min} or older"
        return f"up to {self.age_max}" if self.age_max else ""
