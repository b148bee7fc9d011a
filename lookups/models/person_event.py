"""What happened to a person: found, joined, split."""

from django.db import models
from django.db.models import Q

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.decision import Decision
from lookups.models.person import Person


class PersonEvent(models.Model):
    """One line of a person's history; a join or a split stands once and shows in the histories of both.

    Joined: all IDs of `person` went to `other`. Split: these IDs left `person` for `other`.
    """

    class Kind(models.TextChoices):
        """What happened."""

        FOUND = "found", "found"
        JOINED = "joined", "joined"
        SPLIT = "split", "split"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="events")
    other = models.ForeignKey(Person, models.PROTECT, null=True, related_name="events_as_other", db_index=False)
    scoped_ids = models.JSONField(default=list, help_text="Public IDs of the scoped IDs concerned.")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="person_events", db_index=False)
    at = models.DateTimeField()

    business_path = "business"

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [  # most events have neither
            models.Index(fields=["other"], condition=Q(other__isnull=False), name="events_of_another"),
            models.Index(fields=["decision"], condition=Q(decision__isnull=False), name="events_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"
