"""Pages for staff: find, person, lookup, review; and for admins: access tokens."""

from lookups.admin import (
    access_token,
    app_secret,
    business,
    conflict,
    freshness,
    lookup,
    person,
    policy_review,
    run,
    schedule,
)

__all__ = [
    "access_token",
    "app_secret",
    "business",
    "conflict",
    "freshness",
    "lookup",
    "person",
    "policy_review",
    "run",
    "schedule",
]
