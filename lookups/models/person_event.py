"""What happened to a person: found, joined."""

from django.db import models

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.person import Person


class PersonEvent(models.Model):
    """One line of a person's history; a join stands once and shows in the histories of both."""

    class Kind(models.TextChoices):
        """What happened."""

        FOUND = "found", "found"
        JOINED = "joined", "joined"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="events")
    joined_to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="joins")
    scoped_ids = models.JSONField(default=list, help_text="Public IDs of the scoped IDs concerned.")
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    business_path = "business"

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"
