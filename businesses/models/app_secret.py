"""A secret of an app, sealed to its row: the secret in use, a new one that has to be tried, or the former one."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from businesses import secrets
from businesses.models.asset import Asset
from businesses.models.business import Business


class SecretRole(models.TextChoices):
    """The role of a secret for its app."""

    IN_USE = "in_use", "in use"
    WAITING = "waiting", "waits until it has shown that it works"
    FORMER = "former", "was in use before"
    MOVING = "moving", "changes its role in this transaction"


class AppSecret(models.Model):
    """One secret. If it was tried and refused, its value is emptied and the refusal is kept."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="+")
    app = models.ForeignKey(Asset, models.CASCADE, related_name="secrets", db_index=False)
    role = models.CharField(max_length=10, choices=SecretRole.choices)
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed_value = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=19, blank=True, editable=False)
    set_at = models.DateTimeField(null=True, editable=False, help_text="Since when it is in use.")
    tried_at = models.DateTimeField(null=True, editable=False, help_text="When it was last tried.")
    trouble = models.CharField(max_length=500, blank=True, editable=False, help_text="What came of that.")

    business_path = "business"

    class Meta:
        verbose_name = "app secret"
        constraints = [
            models.UniqueConstraint(fields=["app", "role"], name="one_secret_per_role"),
            models.CheckConstraint(
                condition=~Q(sealed_value="") | Q(role=SecretRole.WAITING) & ~Q(trouble=""),
                name="only_a_refused_secret_is_empty",
            ),
            models.CheckConstraint(
                condition=~Q(role=SecretRole.IN_USE) | Q(set_at__isnull=False), name="in_use_since_a_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"secret of {self.app} ({self.get_role_display()}, {self.fingerprint or 'refused'})"

    @property
    def seal_name(self) -> str:
        """The name to which the value is sealed: this row and its app."""
        return f"app_secret:{self.app_id}:{self.seal_id}"

    def set_value(self, text: str) -> None:
        """Seal a secret into this row; the caller saves."""
        self.sealed_value = secrets.seal(text, bound_to=self.seal_name)
        self.fingerprint = secrets.fingerprint(text)

    def is_newer_than(self, moment: datetime | None) -> bool:
        """Whether the secret came into use after this moment: older findings are about another secret."""
        return moment is not None and self.set_at is not None and self.set_at > moment
