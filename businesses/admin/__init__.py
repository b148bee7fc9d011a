"""Admin pages for what we own; the lookups app adds the pages for access tokens.

Begin with `scoped`: the base of every page, which keeps the businesses apart. Others use `scoped`, `secret_field`,
`new_secret`, and the pages of businesses and apps, to which lookups adds its own.
"""

from businesses.admin import business, facebook_app, membership, page, user

__all__ = ["business", "facebook_app", "membership", "page", "user"]
