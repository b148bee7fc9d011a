"""Fills a trial installation with the sandbox's businesses, apps, Pages and tokens. Doing it again changes nothing."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from businesses.models import AccessToken, Asset, Business, FacebookApp, Page
from businesses.secrets import fingerprint

DEMO_USER = "demo"


def seed_world(world: dict[str, Any], *, by: User, now: datetime) -> None:
    """Store the world that `python -m lookups.sandbox --describe` printed; the demo's user has confirmed the policy."""
    with transaction.atomic():
        for told in world["businesses"]:
            business, _ = Business.objects.get_or_create(
                graph_id=told["id"], defaults={"name": told["name"], "read_names": True}
            )
            if not business.policy_confirmed_at:
                business.confirm_policy(by=by, at=now)
            apps = {one["id"]: _app(business, one) for one in told["apps"]}
            for one in told["pages"]:
                _page(business, apps, one)


def demo_user(password: str) -> User:
    """Give the demo's user this password; only its hash is kept."""
    user, _ = User.objects.get_or_create(username=DEMO_USER)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    return user


def _app(business: Business, told: dict[str, str]) -> FacebookApp:
    app, _ = FacebookApp.objects.update_or_create(
        business=business, graph_id=told["id"], defaults={"name": told["name"]}
    )
    if app.secret is None or app.secret.fingerprint != fingerprint(told["secret"]):
        app.set_secret(told["secret"])
    _token(app, told["token"])
    return app


def _page(business: Business, apps: dict[str, FacebookApp], told: dict[str, str]) -> None:
    page, _ = Page.objects.update_or_create(
        business=business,
        graph_id=told["id"],
        defaults={"name": told["name"], "managed_by": apps[told["managed_by"]]},
    )
    _token(page, told["token"])


def _token(asset: Asset, value: str) -> None:
    if not asset.tokens.filter(fingerprint=fingerprint(value), last_check__refused_at=None).exists():
        token = AccessToken(business=asset.business, asset=asset)
        token.set_value(value)
        token.save()
