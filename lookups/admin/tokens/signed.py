"""What an app's secret signs: the app itself and the Pages it manages, by the token each is asked with."""

from dataclasses import dataclass

from django.utils import timezone

from businesses.credentials import tokens_in_use
from businesses.models import AccessToken, FacebookApp, Page, Problem
from lookups.tokens.autopsy import held_of
from lookups.tokens.health import Health, health_of, without_token


@dataclass(frozen=True)
class Signed:
    """An app or Page whose calls are signed with the secret, its token in use, and what waits for that to work."""

    asset: FacebookApp | Page
    token: AccessToken | None
    health: Health
    held: int

    @property
    def is_app(self) -> bool:
        """Whether it is the app itself."""
        return isinstance(self.asset, FacebookApp)


def signed_by(app: FacebookApp) -> list[Signed]:
    """The app itself and the Pages it manages, by the token each is asked with."""
    now = timezone.now()
    assets: list[FacebookApp | Page] = [app, *app.managed_pages.select_related("business", "managed_by")]
    tokens = tokens_in_use(assets)
    return [
        Signed(asset, token, health_of(token, now) if token else without_token(asset), held_of(asset).count())
        for asset, token in ((asset, tokens.get(asset)) for asset in assets)
    ]


def is_known_wrong(app: FacebookApp, token: AccessToken) -> bool:
    """Tell whether a check has found that Graph does not take the secret in use."""
    newer = app.secret_set_at and token.checked_at and app.secret_set_at > token.checked_at
    return token.problem == Problem.SECRET_WRONG and not newer
