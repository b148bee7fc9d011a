"""What Graph tells of a person beside the links: the name, and when it was read."""

from django.db import models

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.scoped_id import ScopedID


class Profile(models.Model):
    """The name by which one app or Page knows the person; a person shows the one read last."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    scoped_id = models.OneToOneField(ScopedID, models.PROTECT, related_name="profile")
    name = models.CharField(max_length=255)
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    business_path = "business"

    def __str__(self) -> str:
        return self.name
