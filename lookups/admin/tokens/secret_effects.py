"""What hangs on an app's secret: the calls it signs, by asset and the token each is asked with."""

from dataclasses import dataclass

from django.utils import timezone

from businesses.credentials import tokens_in_use
from businesses.models import AccessToken, Asset, FacebookApp, Problem
from lookups.tokens.autopsy import held_of
from lookups.tokens.health import Health, health_of, without_token


@dataclass(frozen=True)
class SignedAsset:
    """An app or Page whose calls are signed with the secret, its token in use, and what waits for that to work."""

    asset: Asset
    token: AccessToken | None
    health: Health
    held: int


def assets_signed_by(app: FacebookApp) -> list[SignedAsset]:
    """The app itself and the Pages it manages, by the token each is asked with."""
    now = timezone.now()
    assets: list[Asset] = [app, *app.managed_pages.select_related("business", "managed_by")]
    tokens = tokens_in_use(assets)
    return [
        SignedAsset(asset, token, health_of(token, now) if token else without_token(asset), held_of(asset).count())
        for asset, token in ((asset, tokens.get(asset)) for asset in assets)
    ]


def is_known_wrong(app: FacebookApp, token: AccessToken) -> bool:
    """Tell whether a check has found that Graph does not take the secret in use."""
    newer = app.secret is not None and app.secret.is_newer_than(token.last_check.checked_at)
    return token.last_check.problem == Problem.SECRET_WRONG and not newer
