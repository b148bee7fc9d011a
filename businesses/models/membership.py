"""Memberships: which user works for which business, and in what role."""

from django.conf import settings
from django.db import models

from businesses.models.business import Business


class Role(models.TextChoices):
    """What a member may do; `businesses.access` says what each role allows."""

    VIEWER = "viewer", "Viewer: sees people and links"
    STAFF = "staff", "Staff: also asks Graph"
    ADMIN = "admin", "Admin: also manages apps, Pages, tokens and the policy"


class Membership(models.Model):
    """One user's role in one business. Without one, a user sees nothing of that business."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    business = models.ForeignKey(Business, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    business_path = "business"

    class Meta:
        ordering = ["business__name", "user__username"]
        constraints = [models.UniqueConstraint(fields=["user", "business"], name="one_role_per_business")]

    def __str__(self) -> str:
        return f"{self.user} in {self.business}: {self.role}"
