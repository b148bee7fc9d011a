"""A row of a list: every row of a file is stored here, with its line number."""

from django.db import models
from django.db.models import Q

from businesses.models import Asset, Business
from lookups.models.run import Run

MOST_SHOWN = 100


class ListRow(models.Model):
    """One row of a list, and its state before any question; its lookup, if there is one, holds the rest."""

    class State(models.TextChoices):
        """What happened to the row before any question."""

        TODO = "todo", "waiting"
        HELD = "held", "held: its app or Page lacks a token or secret"
        ASKED = "asked", "asked"
        FRESH = "fresh", "already fresh"
        REFUSED = "refused", "can't be asked"
        REJECTED = "rejected", "rejected"
        DUPLICATE = "duplicate", "duplicate"

    business = models.ForeignKey(Business, models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="list_rows", db_index=False)
    line = models.PositiveIntegerField(help_text="The line of the file, or the row of the sheet, on which it starts.")
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+", db_index=False)
    value = models.CharField(
        max_length=MOST_SHOWN, blank=True, help_text="The ID; of a rejected row, what stood there."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.TODO)
    reason = models.CharField(max_length=40, blank=True, help_text="Code of why it was rejected, refused or held.")

    business_path = "business"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "line"], name="one_row_per_line"),
            models.CheckConstraint(
                condition=Q(state="rejected") | Q(asset__isnull=False),
                name="row_of_an_asset",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "asset"], condition=Q(state="held"), name="rows_held"),
            models.Index(fields=["run", "asset", "line"], condition=Q(state="todo"), name="rows_to_settle"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}"
