"""A Facebook app with Login: the scope of an ASID, and the issuer of tokens."""

from django.db import models
from django.utils import timezone

from businesses import secrets
from businesses.models.business import Business
from businesses.models.graph_id import GraphIDField
from businesses.models.ownership import Owned

SECRET_IN_USE = (
    "sealed_secret",
    "secret_fingerprint",
    "secret_set_at",
    "sealed_next_secret",
    "next_secret_fingerprint",
    "next_secret_tried_at",
    "next_secret_trouble",
)
SECRET_COLUMNS = (
    *SECRET_IN_USE,
    "sealed_former_secret",
    "former_secret_fingerprint",
)


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
    # A secret that has still to show that it works, and the one that was in use before (see lookups.tokens.secret_rotation).
    sealed_next_secret = models.TextField(blank=True, default="", editable=False)
    next_secret_fingerprint = models.CharField(max_length=19, blank=True, default="", editable=False)
    next_secret_tried_at = models.DateTimeField(null=True, editable=False)
    next_secret_trouble = models.CharField(max_length=500, blank=True, default="", editable=False)
    sealed_former_secret = models.TextField(blank=True, default="", editable=False)
    former_secret_fingerprint = models.CharField(max_length=19, blank=True, default="", editable=False)
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
        self.drop_next_secret()  # and what was said of it

    def set_next_secret(self, secret: str) -> None:
        """Seal a secret that is tried before it is used; the caller saves."""
        self.sealed_next_secret = secrets.seal(secret, bound_to=self.seal_name)
        self.next_secret_fingerprint = secrets.fingerprint(secret)
        self.next_secret_tried_at, self.next_secret_trouble = None, ""

    def drop_next_secret(self) -> None:
        """Forget the secret that was to be tried; the caller saves."""
        self.sealed_next_secret = self.next_secret_fingerprint = self.next_secret_trouble = ""
        self.next_secret_tried_at = None

    def refuse_next_secret(self, why: str) -> None:
        """Forget the secret that was tried and does not work, but not that: who entered it may have left; unsaved."""
        self.drop_next_secret()
        self.next_secret_tried_at, self.next_secret_trouble = timezone.now(), why[:500]

    def drop_former_secret(self) -> None:
        """Forget the secret that was in use before; the caller saves."""
        self.sealed_former_secret = self.former_secret_fingerprint = ""

    def use_next_secret(self) -> None:
        """Put the next secret in use and keep the present one as the former; the caller saves."""
        self.sealed_former_secret, self.former_secret_fingerprint = self.sealed_secret, self.secret_fingerprint
        self.sealed_secret, self.secret_fingerprint = self.sealed_next_secret, self.next_secret_fingerprint
        self.secret_set_at = timezone.now()
        self.drop_next_secret()

    def use_former_secret(self) -> None:
        """Put the former secret in use again, and keep the present one as the former; the caller saves."""
        former = self.sealed_former_secret, self.former_secret_fingerprint
        self.sealed_former_secret, self.former_secret_fingerprint = self.sealed_secret, self.secret_fingerprint
        self.sealed_secret, self.secret_fingerprint = former
        self.secret_set_at = timezone.now()
