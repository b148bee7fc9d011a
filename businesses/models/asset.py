"""An asset, as Meta calls what a business owns: an app with Login, or a Page with a bot in Messenger."""

from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from businesses.models.asset_kind import AssetKind
from businesses.models.business import Business
from businesses.models.graph_id import GraphIDField
from businesses.models.ownership import Owned, Ownership

if TYPE_CHECKING:
    from businesses.models.app_secret import AppSecret


class FoundBy(models.TextChoices):
    """How an asset was added."""

    HAND = "hand", "added by hand"
    LIST = "list", "found among what a token sees"
    ANSWER = "answer", "found in an answer of Graph"


class AssetQuerySet(models.QuerySet["Asset"]):
    """Filters for assets."""

    def apps(self) -> Self:
        """The apps among them."""
        return self.filter(kind=AssetKind.APP)

    def pages(self) -> Self:
        """The Pages among them."""
        return self.filter(kind=AssetKind.PAGE)

    def to_plan(self) -> Self:
        """Read the assets with all that planning a question needs to know about them."""
        return self.select_related("business", "managed_by").prefetch_related("secrets", "managed_by__secrets")


class Asset(Owned):
    """The scope of a person's ID. `FacebookApp` and `Page` are its kinds, with what only they can do.

    A Graph ID is unique within its business. Among several businesses, only one can hold it as confirmed by Graph. An
    unconfirmed claim of one business does not keep another business from adding the same ID.
    """

    business = models.ForeignKey(Business, models.PROTECT, related_name="assets")
    kind = models.CharField(max_length=10, choices=AssetKind.choices, editable=False)
    graph_id = GraphIDField("Graph ID")
    name = models.CharField(max_length=255)
    category = models.CharField(max_length=255, blank=True, editable=False, help_text="As Graph tells it.")
    link = models.CharField(max_length=500, blank=True, editable=False, help_text="As Graph tells it.")
    found_by = models.CharField(max_length=10, choices=FoundBy.choices, default=FoundBy.HAND, editable=False)
    managed_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_pages",
        limit_choices_to={"kind": AssetKind.APP},
        help_text="The app that runs this Page's bot, and that made its page access token.",
    )
    daily_people = models.PositiveIntegerField(null=True, blank=True, help_text="By whom Graph's limits are counted.")
    retired_at = models.DateTimeField(null=True, editable=False, help_text="Since when nothing more is asked of it.")
    created_at = models.DateTimeField(auto_now_add=True)

    business_path = "business"
    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "graph_id"],
                name="one_asset_per_graph_id",
                violation_error_message="This business has an app or a Page with this ID already.",
            ),
            models.UniqueConstraint(
                fields=["graph_id"],
                condition=Q(ownership=Ownership.OWN),
                name="one_confirmed_owner",
                violation_error_message="This can't be added here. Check the ID with whoever runs idlink.",
            ),
            models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="asset_of_a_known_kind"),
            models.CheckConstraint(
                condition=Q(managed_by=None) | Q(kind=AssetKind.PAGE), name="only_pages_are_managed"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_of(self) -> AssetKind:
        """The kind of asset, with the words that differ between kinds."""
        return AssetKind(self.kind)

    @property
    def signing_app(self) -> "Asset | None":
        """The app whose secret signs calls for this asset: an app itself, or the app that manages the Page."""
        return self if self.kind_of.signs_itself else self.managed_by

    @property
    def secret(self) -> "AppSecret | None":
        """The app secret in use, if one is stored."""
        return self.secret_in_role("in_use")

    def secret_in_role(self, role: str) -> "AppSecret | None":
        """Give the app secret in this role (`SecretRole`), if one is stored; no query if secrets were prefetched."""
        return next((secret for secret in self.secrets.all() if secret.role == role), None)

    def clean(self) -> None:
        """Refuse a managing app of another business, or one that is no app."""
        if self.managed_by and self.managed_by.business_id != self.business_id:
            raise ValidationError({"managed_by": "Choose an app of the same business."})
        if self.managed_by and self.managed_by.kind != AssetKind.APP:
            raise ValidationError({"managed_by": "Choose an app."})


class OfOneKind(models.Manager[Any]):
    """The assets of one kind."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Leave out assets of other kinds."""
        return super().get_queryset().filter(kind=self.model.of_kind)
