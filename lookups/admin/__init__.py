"""Pages for staff: find, person, lookup, review; and for admins: access tokens."""

from lookups.admin.asking import lookup, policy_review
from lookups.admin.freshness import freshness_count, schedule
from lookups.admin.lists import run
from lookups.admin.people import conflict, person
from lookups.admin.tokens import access_token, app_secret, business

__all__ = [
    "access_token",
    "app_secret",
    "business",
    "conflict",
    "freshness_count",
    "lookup",
    "person",
    "policy_review",
    "run",
    "schedule",
]
