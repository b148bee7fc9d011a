"""Joins and splits of persons. That a person was found is not stored: it follows from its first answer."""

from django.db import models
from django.db.models import Q

from businesses.models import Business
from lookups.models.answer import Answer
from lookups.models.decision import Decision
from lookups.models.person import Person
from lookups.models.scoped_id import ScopedID


class PersonEvent(models.Model):
    """One line of a person's history; a join or a split is stored once and shown in the histories of both persons.

    Joined: all IDs of `person` went to `other`. Split: these IDs left `person` for `other`.
    """

    class Kind(models.TextChoices):
        """What happened."""

        JOINED = "joined", "joined"
        SPLIT = "split", "split"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    person = models.ForeignKey(Person, models.PROTECT, related_name="events")
    other = models.ForeignKey(Person, models.PROTECT, null=True, related_name="events_as_other", db_index=False)
    moved = models.ManyToManyField(ScopedID, through="lookups.MovedID", related_name="+")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+", db_index=False)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="person_events", db_index=False)
    at = models.DateTimeField()

    business_path = "business"

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [  # most events have neither
            models.Index(fields=["other"], condition=Q(other__isnull=False), name="events_of_another"),
            models.Index(fields=["at"], name="events_of_persons_by_time"),
            models.Index(fields=["decision"], condition=Q(decision__isnull=False), name="events_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"


class MovedID(models.Model):
    """One ID that a join or a split moved."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey(PersonEvent, models.CASCADE, related_name="moves", db_index=False)
    scoped_id = models.ForeignKey(ScopedID, models.PROTECT, related_name="moves")

    business_path = "business"

    class Meta:
        verbose_name = "moved ID"
        constraints = [models.UniqueConstraint(fields=["event", "scoped_id"], name="moved_once_by_an_event")]

    def __str__(self) -> str:
        return f"{self.scoped_id} by {self.event}"
