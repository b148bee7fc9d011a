"""A business of Meta Business Manager; every other row belongs to one."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from businesses.models.graph_id import GraphIDField
from businesses.reasons import Reason, reason

_DAYS = [MinValueValidator(1), MaxValueValidator(3650)]  # beyond ten years, dates before today come to an end some day


class Business(models.Model):
    """An entity that owns apps and Pages. IDs are never linked across two of them."""

    name = models.CharField(max_length=255)
    graph_id = GraphIDField(
        "Meta business ID",
        unique=True,
        help_text="Business settings > Business info. Digits only.",
    )
    read_names = models.BooleanField(
        "read people's profiles",
        default=False,
        help_text="Ask Graph for each person's name, age range and whether payment is enabled.",
    )
    profile_days = models.PositiveSmallIntegerField(
        "keep profiles (days)",
        null=True,
        blank=True,
        default=90,
        validators=_DAYS,
        help_text="What was read of a person is deleted after this long; empty keeps it. Links are not touched.",
    )
    refresh_days = models.PositiveSmallIntegerField(
        "stale after (days)",
        default=30,
        validators=_DAYS,
        help_text="An ID that was not confirmed for this long is shown as stale.",
    )
    refreshes = models.BooleanField(
        "refresh in the background",
        default=True,
        help_text="Ask Graph again about IDs that are stale, the oldest first.",
    )
    policy_confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    policy_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    business_path = "pk"

    class Meta:
        verbose_name_plural = "businesses"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def assets_by_owner(self) -> list[Any]:
        """All its apps and Pages: first those of another owner, then those of an unknown owner, then the rest."""
        order = {"other": 0, "client": 0, "unknown": 1}
        return sorted(self.assets.all(), key=lambda one: (order.get(one.ownership, 2), one.name, one.pk))

    @property
    def policy_stop(self) -> Reason | None:
        """Why nothing can be asked while nobody has confirmed the policy; None once somebody has."""
        return None if self.policy_confirmed_at else reason("policy_not_confirmed", about={"business": self})

    def confirm_policy(self, *, by: models.Model, at: datetime) -> None:
        """Record the confirmation that this business owns all its apps and Pages."""
        self.policy_confirmed_by_id = by.pk
        self.policy_confirmed_at = at
        self.save(update_fields=["policy_confirmed_at", "policy_confirmed_by"])
