"""Profiles are deleted when they are older than their business keeps them."""

from datetime import datetime, timedelta

from businesses.models import Business
from lookups.models import Profile

DROPPED_AT_ONCE = 5000


def drop_old_profiles(now: datetime) -> int:
    """Delete the profiles older than their business keeps them; gives how many."""
    dropped = 0
    for business in Business.objects.filter(profile_days__isnull=False):
        before = now - timedelta(days=business.profile_days or 0)
        old = Profile.objects.filter(business=business, read_at__lt=before).values("pk")[:DROPPED_AT_ONCE]
        dropped += Profile.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
    return dropped
