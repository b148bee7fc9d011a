"""A row of a list: every row of a file is accounted for here, with its line."""

from django.db import models
from django.db.models import Q

from businesses.models import Business, FacebookApp, Page
from lookups.models.run import Run

MOST_SHOWN = 100


class ListRow(models.Model):
    """One row, as far as it is settled without asking; what is asked stands on its lookup."""

    class State(models.TextChoices):
        """What became of it before any question."""

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
    app = models.ForeignKey(FacebookApp, models.PROTECT, null=True, related_name="+", db_index=False)
    page = models.ForeignKey(Page, models.PROTECT, null=True, related_name="+", db_index=False)
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
                condition=Q(state__in=["rejected"])
                | Q(app__isnull=False, page__isnull=True)
                | Q(app__isnull=True, page__isnull=False),
                name="row_of_one_asid_or_one_psid",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "app", "page"], condition=Q(state="held"), name="rows_held"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}"
