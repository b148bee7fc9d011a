"""Who owns an app or a Page, as Graph says: the API links only assets that one business owns (the guide, Policy)."""

from django.db import models

from businesses.models.graph_id import MAX_DIGITS


class Ownership(models.TextChoices):
    """What is known about the owner of an app or a Page."""

    UNKNOWN = "unknown", "not known"
    OWN = "own", "owned by this business"
    OTHER = "other", "owned by another business"
    CLIENT = "client", "only shared with this business"


class ShownBy(models.TextChoices):
    """How Graph named the owner."""

    FIELD = "field", "its field owner_business"
    LIST = "list", "the business's lists of what it owns and of what it works on"


REFUSED = (Ownership.OTHER, Ownership.CLIENT)


class Owned(models.Model):
    """The columns about the owner of an app or a Page. If it is unknown but was checked, Graph named no owner."""

    ownership = models.CharField(max_length=10, choices=Ownership.choices, default=Ownership.UNKNOWN, editable=False)
    owner_graph_id = models.CharField(max_length=MAX_DIGITS, blank=True, editable=False)
    owner_shown_by = models.CharField(max_length=10, choices=ShownBy.choices, default="", blank=True, editable=False)
    owner_checked_at = models.DateTimeField(null=True, editable=False)
    owner_tried_at = models.DateTimeField(null=True, editable=False)
    owner_trouble = models.CharField(max_length=500, default="", blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_not_ours(self) -> bool:
        """Whether Graph says that the business does not own the asset; its IDs are then not asked about or linked."""
        return self.ownership in REFUSED

    @property
    def owner_missing(self) -> str:
        """Why no owner is known."""
        return "Graph names none" if self.owner_checked_at else "Graph was not asked yet"

    @property
    def owner_words(self) -> str:
        """The owner, in a few words."""
        if self.ownership == Ownership.UNKNOWN:
            return f"owner not confirmed: {self.owner_missing}"
        whom = f" ({self.owner_graph_id})" if self.is_not_ours and self.owner_graph_id else ""
        return f"{self.get_ownership_display()}{whom}"
