"""An access token of an app or a Page, sealed; shown by its fingerprint only. TokenCheck holds what is known of it."""

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
    """Choices among tokens."""

    def best_first(self) -> Self:
        """Order by use: fit for use before refused or wrong, proven before not proven, the newest first.

        So a new token takes over when it has shown that it works, and a bad one never does.
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
        """Store it; a new one together with the row that says what is known of it: nothing yet."""
        is_new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                TokenCheck.objects.create(token=self, business_id=self.business_id)

    @property
    def kind(self) -> str:
        """The field's name for this kind of token."""
        return self.asset.kind_of.token

    @property
    def seal_name(self) -> str:
        """What this row's secret is bound to."""
        return f"access_token:{self.asset_id}:{self.seal_id}"

    def set_value(self, value: str) -> None:
        """Seal a token for this row's app or Page; the caller saves."""
        self.sealed_value = secrets.seal(value, bound_to=self.seal_name)
        self.fingerprint = secrets.fingerprint(value)

    def clean(self) -> None:
        """Refuse an app or a Page of another business."""
        if self.asset_id and self.asset.business_id != self.business_id:
            raise ValidationError("Choose an app or a Page of the same business.")
