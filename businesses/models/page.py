"""A Facebook Page with a bot in Messenger: the scope of a PSID."""

from django.core.exceptions import ValidationError
from django.db import models

from businesses.models.business import Business
from businesses.models.facebook_app import FacebookApp
from businesses.models.graph_id import GraphIDField
from businesses.models.ownership import Owned


class Page(Owned):
    """A Page of one business, and the app that manages it (whose secret signs the Page's calls)."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="pages")
    page_id = GraphIDField(
        "Page ID",
        unique=True,
        error_messages={"unique": "This Page can't be added here. Check the ID with whoever runs idlink."},
    )
    name = models.CharField(max_length=255)
    managed_by = models.ForeignKey(
        FacebookApp,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_pages",
        help_text="The app that runs this Page's bot, and that made its page access token.",
    )
    found_in_answer = models.BooleanField(default=False, editable=False)
    engaged_users = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="People who engaged with the Page in the last 24 hours: Graph allows 200 calls a day for each "
        "of them. Leave it empty if you don't know; usage that Graph reports goes before.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    business_path = "business"

    class Meta:
        verbose_name = "Page"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def graph_id(self) -> str:
        """The ID by which Graph knows this Page."""
        return self.page_id

    def clean(self) -> None:
        """Refuse a managing app of another business."""
        if self.managed_by and self.managed_by.business_id != self.business_id:
            raise ValidationError({"managed_by": "Choose an app of the same business."})
