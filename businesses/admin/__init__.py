"""Admin pages for what we own; the lookups app adds the pages for access tokens.

Read `scoped` first, the base of every page, which keeps the businesses apart. Other packages use `scoped`,
`secret_field`, `new_secret`, and the pages of businesses and apps, which the lookups app extends.
"""

from businesses.admin import business, facebook_app, membership, page, user

__all__ = ["business", "facebook_app", "membership", "page", "user"]
