"""A run: a set of lookups asked for together."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from businesses.models import Business


class Run(models.Model):
    """A set of lookups: who asked for it, why and when.

    A list or a refresh is *counted*: the columns below hold its sum (see `lookups.asking.tallies`). The transaction
    that ends a lookup or settles a row changes them, too. Lookups under way are counted when the sum is read.
    """

    class Kind(models.TextChoices):
        """What started the run."""

        ONE = "one", "one ID"
        AGAIN = "again", "look up again"
        CELL = "cell", "one app or Page"
        CHECK = "check", "the other direction"
        TEST = "test", "test call"
        LIST = "list", "list"
        REFRESH = "refresh", "refresh"

    class State(models.TextChoices):
        """The state of a counted run; runs of other kinds are always going."""

        MAPPING = "mapping", "waits for its columns to be named"
        READING = "reading", "being read"
        READY = "ready", "waits for your start"
        GOING = "going", "under way"
        PAUSED = "paused", "paused"
        CANCELLED = "cancelled", "cancelled"
        DONE = "done", "done"
        FAULTY = "faulty", "ended, but its sum does not meet"
        REFUSED = "refused", "can't be read"

    business = models.ForeignKey(Business, models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.GOING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=500, blank=True, help_text="Why it is refused or faulty.")
    undone_at = models.DateTimeField(null=True)
    retries = models.PositiveIntegerField(default=0, help_text="How often its lookups were tried again, in all.")

    rows = models.PositiveIntegerField("in file", default=0)
    todo = models.PositiveIntegerField(default=0, help_text="Rows that are not lookups yet.")
    held_rows = models.PositiveIntegerField(default=0, help_text="Rows whose app or Page lacks a token or secret.")
    rejected = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    fresh = models.PositiveIntegerField("already fresh", default=0)
    linked = models.PositiveIntegerField(default=0)
    none = models.PositiveIntegerField("asked, none", default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    fed_line = models.PositiveIntegerField(default=0, help_text="The line that was settled last.")

    business_path = "business"

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(kind__in=["list", "refresh"]) & ~Q(state__in=["done", "cancelled", "refused", "faulty"]),
                name="runs_open",
            ),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.get_kind_display()}"

    @property
    def address(self) -> str:
        """The address of the page that shows the run's progress."""
        return reverse("admin:lookups_run_change", args=[self.pk])

    @property
    def columns_address(self) -> str:
        """The address of the page on which the columns of a list are named."""
        return reverse("admin:lookups_run_columns", args=[self.pk])


COUNTED = (Run.Kind.LIST, Run.Kind.REFRESH)
ENDED = (Run.State.DONE, Run.State.CANCELLED, Run.State.REFUSED, Run.State.FAULTY)
