"""Makes rows for tests: a business with an app and a Page, users with a role, answers of Graph."""

import itertools
from datetime import UTC, datetime

from django.contrib.auth.models import User

from businesses.models import AccessToken, Asset, Business, FacebookApp, Membership, Page, Role

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_numbers = itertools.count(100001)


def make_business(name: str = "Acme", *, policy: bool = True, **fields: object) -> Business:
    """A business; its policy is confirmed unless said otherwise."""
    confirmed = NOW if policy else None
    return Business.objects.create(name=name, graph_id=str(next(_numbers)), policy_confirmed_at=confirmed, **fields)


def make_app(
    business: Business, name: str = "Shop", *, secret: str = "app-secret-1", graph_id: str = ""
) -> FacebookApp:
    """An app with a secret, unless it is empty."""
    app = FacebookApp.objects.create(business=business, name=name, graph_id=graph_id or str(next(_numbers)))
    if secret:
        app.set_secret(secret)
    return app


def make_page(business: Business, app: Asset | None, name: str = "Bot", *, graph_id: str = "") -> Page:
    """A Page managed by the app."""
    return Page.objects.create(business=business, name=name, graph_id=graph_id or str(next(_numbers)), managed_by=app)


def make_token(asset: Asset, value: str = "token-of-the-asset") -> AccessToken:
    """A token of an app or a Page."""
    token = AccessToken(business=asset.business, asset=asset)
    token.set_value(value)
    token.save()
    return token


def make_user(name: str, *businesses: Business, role: Role = Role.STAFF, superuser: bool = False) -> User:
    """A user of the admin site, a member of the businesses in one role."""
    user = User.objects.create_user(name, password=None, is_staff=True, is_superuser=superuser)
    for business in businesses:
        Membership.objects.create(user=user, business=business, role=role)
    return user
