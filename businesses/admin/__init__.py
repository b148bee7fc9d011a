"""Admin pages for what we own; the lookups app adds the pages for access tokens."""

from businesses.admin import business, facebook_app, membership, page, user

__all__ = ["business", "facebook_app", "membership", "page", "user"]
