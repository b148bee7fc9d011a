"""Fills a trial installation with the sandbox's businesses, apps, Pages and tokens. Doing it again changes nothing."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from businesses.models import AccessToken, Business, FacebookApp, Page
from businesses.secrets import fingerprint

DEMO_USER = "demo"


def seed_world(world: dict[str, Any], *, by: User, now: datetime) -> None:
    """Store what `python -m lookups.sandbox --describe` told, with the policy confirmed by the demo's user."""
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
    app = FacebookApp.objects.filter(app_id=told["id"]).first() or FacebookApp(app_id=told["id"], business=business)
    app.name = told["name"]
    if app.secret_fingerprint != fingerprint(told["secret"]):
        app.set_secret(told["secret"])
    app.save()
    _token(AccessToken(business=business, app=app), told["token"])
    return app


def _page(business: Business, apps: dict[str, FacebookApp], told: dict[str, str]) -> None:
    managed_by = apps[told["managed_by"]]
    page, _ = Page.objects.update_or_create(
        page_id=told["id"], defaults={"business": business, "name": told["name"], "managed_by": managed_by}
    )
    _token(AccessToken(business=business, page=page), told["token"])


def _token(token: AccessToken, value: str) -> None:
    same = AccessToken.objects.filter(app=token.app, page=token.page, fingerprint=fingerprint(value), refused_at=None)
    if not same.exists():
        token.set_value(value)
        token.save()
