"""What depends on an app's secret: the apps and Pages whose calls it signs, with their tokens in use."""

from dataclasses import dataclass

from django.utils import timezone

from businesses.credentials import tokens_in_use
from businesses.models import AccessToken, Asset, FacebookApp
from lookups.tokens.autopsy import held_of
from lookups.tokens.health import Health, health_of, without_token


@dataclass(frozen=True)
class SignedAsset:
    """An app or Page whose calls the secret signs, its token in use, and how many lookups wait for a working token."""

    asset: Asset
    token: AccessToken | None
    health: Health
    held: int


def assets_signed_by(app: FacebookApp) -> list[SignedAsset]:
    """Give the app itself and the Pages it manages, each with its token in use."""
    now = timezone.now()
    assets: list[Asset] = [app, *app.managed_pages.select_related("business", "managed_by")]
    tokens = tokens_in_use(assets)
    return [
        SignedAsset(asset, token, health_of(token, now) if token else without_token(asset), held_of(asset).count())
        for asset, token in ((asset, tokens.get(asset)) for asset in assets)
    ]
