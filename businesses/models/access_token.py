"""An access token of an app or a Page, sealed; shown by its fingerprint only."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, When

from businesses import secrets
from businesses.models.business import Business
from businesses.models.facebook_app import FacebookApp
from businesses.models.graph_id import MAX_DIGITS
from businesses.models.page import Page


class Problem(models.TextChoices):
    """What the last check found wrong with a token; empty where all is well."""

    REFUSED = "refused", "Graph calls it invalid"
    WRONG_APP = "wrong_app", "made by another app"
    WRONG_PAGE = "wrong_page", "speaks for another Page"
    WRONG_KIND = "wrong_kind", "another kind of token"
    DATA_ACCESS = "data_access", "its access to data has ended"
    NO_PERMISSION = "no_permission", "a permission is missing"
    SECRET_WRONG = "secret_wrong", "the app's secret is not the present one"
    UNCHECKABLE = "uncheckable", "can't be checked"
    RESTORED = "restored", "came back with a backup"


# A token with one of these is kept, but nothing is asked with it.
FATAL = (
    Problem.REFUSED,
    Problem.WRONG_APP,
    Problem.WRONG_PAGE,
    Problem.WRONG_KIND,
    Problem.DATA_ACCESS,
    Problem.RESTORED,
)


REFUSAL = ["refused_at", "refused_because", "refused_code", "refused_subcode", "refused_trace"]


_DEAD = Q(refused_at__isnull=False) | Q(problem__in=FATAL)
BEST_FIRST = (
    Case(When(_DEAD, then=1), default=0),
    Case(When(proven_at=None, then=1), default=0),
    Case(When(problem="", then=0), default=1),
    "-created_at",
    "-pk",
)


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """Choices among tokens."""

    def best_first(self) -> Self:
        """Order by use: fit for use before refused or wrong, proven before not proven, the newest first.

        So a new token takes over when it has shown that it works, and a bad one never does.
        """
        return self.order_by(*BEST_FIRST)


class AccessToken(models.Model):
    """An app access token or a page access token; `best_first` says which of several is used."""

    business = models.ForeignKey(Business, models.PROTECT, related_name="tokens")
    app = models.ForeignKey(FacebookApp, models.PROTECT, null=True, blank=True, related_name="tokens")
    page = models.ForeignKey(Page, models.PROTECT, null=True, blank=True, related_name="tokens")
    seal_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed_value = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=19, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_because = models.CharField(max_length=500, blank=True, editable=False)
    refused_code = models.IntegerField(null=True, editable=False)
    refused_subcode = models.IntegerField(null=True, editable=False)
    refused_trace = models.CharField(max_length=64, blank=True, editable=False)
    # What debug_token told at the last check. `proven_at`: the first time a check or a call showed that it works.
    proven_at = models.DateTimeField(null=True, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    issuing_app = models.CharField(max_length=MAX_DIGITS, blank=True, editable=False)
    speaks_for_page = models.CharField(max_length=MAX_DIGITS, blank=True, editable=False)
    told_kind = models.CharField(max_length=20, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    data_access_ends_at = models.DateTimeField(null=True, editable=False)
    scopes = models.JSONField(default=list, editable=False)
    problem = models.CharField(max_length=30, blank=True, editable=False)
    problem_text = models.CharField(max_length=500, blank=True, editable=False)
    check_tried_at = models.DateTimeField(null=True, editable=False)
    check_trouble = models.CharField(max_length=500, blank=True, editable=False)
    doubted_at = models.DateTimeField(null=True, editable=False, help_text="When something gave reason to check it.")
    mailed_about = models.CharField(max_length=60, blank=True, editable=False)

    business_path = "business"
    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "access token"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(app__isnull=False, page__isnull=True) | Q(app__isnull=True, page__isnull=False),
                name="token_of_one_app_or_one_page",
                violation_error_message="Choose the app or the Page this token belongs to, not both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset} ({self.fingerprint})"

    @property
    def asset(self) -> FacebookApp | Page | None:
        """The app or Page this token speaks for."""
        return self.app or self.page

    @property
    def kind(self) -> str:
        """The field's name for this kind of token."""
        return "app access token" if self.app_id else "page access token"

    @property
    def seal_name(self) -> str:
        """What this row's secret is bound to."""
        owner = f"app:{self.app_id}" if self.app_id else f"page:{self.page_id}"
        return f"access_token:{owner}:{self.seal_id}"

    def set_value(self, value: str) -> None:
        """Seal a token for this row's app or Page; the caller saves."""
        self.sealed_value = secrets.seal(value, bound_to=self.seal_name)
        self.fingerprint = secrets.fingerprint(value)

    @property
    def refused_code_text(self) -> str:
        """Graph's error code as support people write it: 190/460."""
        if self.refused_code is None:
            return ""
        return f"{self.refused_code}/{self.refused_subcode}" if self.refused_subcode else str(self.refused_code)

    @property
    def is_dead(self) -> bool:
        """Whether nothing is asked with it: Graph refused it, or a check found that it is the wrong one."""
        return self.refused_at is not None or self.is_wrong

    @property
    def is_wrong(self) -> bool:
        """Whether a check found that it is not the token that is needed here, or has yet to find that it still is."""
        return self.problem in FATAL

    def mark_refused(
        self, *, because: str, at: datetime, code: int | None = None, subcode: int | None = None, trace: str = ""
    ) -> None:
        """Record that Graph refused this token; the first refusal stands."""
        if self.refused_at is None:
            self.refused_at = at
            self.refused_because = because[:500]
            self.refused_code, self.refused_subcode, self.refused_trace = code, subcode, trace[:64]
            self.save(update_fields=REFUSAL)

    def clean(self) -> None:
        """Refuse an app or a Page of another business."""
        asset = self.asset
        if asset and asset.business_id != self.business_id:
            raise ValidationError("Choose an app or a Page of the same business.")
