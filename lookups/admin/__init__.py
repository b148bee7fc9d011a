"""Pages for staff: find, person, lookup, review; and for admins: access tokens."""

from lookups.admin import access_token, lookup, person, policy_review

__all__ = ["access_token", "lookup", "person", "policy_review"]
