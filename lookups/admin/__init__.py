"""Pages for staff: find, person, lookup, review; and for admins: access tokens."""

from lookups.admin import access_token, conflict, lookup, person, policy_review

__all__ = ["access_token", "conflict", "lookup", "person", "policy_review"]
