"""An access token of an app or a Page, sealed; pages show only its fingerprint. TokenCheck holds its findings."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, Q, When

from businesses import secrets
from businesses.models.asset import Asset
from businesses.models.business import Business
from businesses.models.problem import FATAL
from businesses.models.token_check import TokenCheck

_DEAD = Q(last_check__refused_at__isnull=False) | Q(last_check__problem__in=FATAL)
_BEST_FIRST = (
    Case(When(_DEAD, then=1), default=0),
    Case(When(last_check__proven_at=None, then=1), default=0),
    Case(When(last_check__problem="", then=0), default=1),
    "-created_at",
    "-pk",
)


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """Orders for tokens."""

    def best_first(self) -> Self:
        """Order tokens by preference: usable before refused or wrong, proven before unproven, newest first.

        A new token therefore takes over once it has proved to work, and a bad token never does.
        """
        return self.select_related("last_check").order_by(*_BEST_FIRST)


class AccessToken(models.Model):
    """An app access token or a page access token; `best_first` says which of several is used."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="tokens")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="tokens", verbose_name="app or Page")
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed_value = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=19, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    business_path = "business"
    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "access token"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset} ({self.fingerprint})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the token; for a new one, also make its TokenCheck, which is still empty."""
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                TokenCheck.objects.create(token=self, business_id=self.business_id)

    @property
    def kind(self) -> str:
        """The trade's name for this kind of token."""
        return self.asset.kind_of.token

    @property
    def seal_name(self) -> str:
        """The name to which the token is sealed: this row."""
        return f"access_token:{self.asset_id}:{self.seal_id}"

    def set_value(self, value: str) -> None:
        """Seal a token for this row's app or Page; the caller saves."""
        self.sealed_value = secrets.seal(value, bound_to=self.seal_name)
        self.fingerprint = secrets.fingerprint(value)

    def clean(self) -> None:
        """Refuse an app or a Page of another business."""
        if self.asset_id and self.asset.business_id != self.business_id:
            raise ValidationError("Choose an app or a Page of the same business.")
