"""A Facebook app with Login: the scope of an ASID, and the issuer of tokens."""

from django.db import models
from django.utils import timezone

from businesses import secrets
from businesses.models.business import Business
from businesses.models.graph_id import GraphIDField
from businesses.models.ownership import Owned


class FacebookApp(Owned):
    """An app of one business. Its secret is stored sealed and never shown again."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="apps")
    app_id = GraphIDField(
        "app ID",
        unique=True,
        error_messages={"unique": "This app can't be added here. Check the ID with whoever runs idlink."},
    )
    name = models.CharField(max_length=255)
    sealed_secret = models.TextField(blank=True, editable=False)
    secret_fingerprint = models.CharField(max_length=19, blank=True, editable=False)
    found_in_answer = models.BooleanField(default=False, editable=False)
    daily_users = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="People who use the app in a day: Graph allows 200 calls an hour for each of them. "
        "Leave it empty if you don't know; usage that Graph reports goes before.",
    )
    secret_set_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    business_path = "business"

    class Meta:
        verbose_name = "app"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def graph_id(self) -> str:
        """The ID by which Graph knows this app."""
        return self.app_id

    @property
    def seal_name(self) -> str:
        """What this row's secret is bound to."""
        return f"app_secret:{self.app_id}"

    def set_secret(self, secret: str) -> None:
        """Seal a new app secret; the caller saves."""
        self.sealed_secret = secrets.seal(secret, bound_to=self.seal_name)
        self.secret_fingerprint = secrets.fingerprint(secret)
        self.secret_set_at = timezone.now()
