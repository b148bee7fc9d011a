"""Which token and app secret a question needs, or why there is none; and marking a refused token."""

from dataclasses import dataclass, field
from datetime import datetime

from businesses.models import AccessToken, FacebookApp, Page
from businesses.secrets import SecretUnreadable, unseal


@dataclass(frozen=True)
class Credential:
    """What a call is made with. `app_secret` is that of the app which issued the token."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)
    token_pk: int
    fingerprint: str
    app_pk: int


@dataclass(frozen=True)
class Missing:
    """Why there is no credential: a code, what is missing by name, and what to do."""

    code: str
    text: str
    remedy: str


def credential_for(asset: FacebookApp | Page) -> Credential | Missing:
    """Give the credential for questions about IDs of this app or Page, or why there is none.

    ASIDs are asked about with an app access token of their app, PSIDs with a page access token that
    the app managing the Page made; the proof is signed with that app's secret (the guide, use cases 1-4).
    """
    kind = "app access token" if isinstance(asset, FacebookApp) else "page access token"
    app = asset if isinstance(asset, FacebookApp) else asset.managed_by
    token = asset.tokens.best_first().first()
    if app is None:
        return Missing(
            "no_managing_app",
            f"No app is set as the one that manages the Page “{asset}”.",
            "Ask an admin to choose it on the Page's form: its secret signs the Page's calls.",
        )
    if token is None:
        return Missing("no_token", f"“{asset}” has no {kind}.", "Ask an admin to add one under Access tokens.")
    if token.refused_at:
        return Missing(
            "token_refused",
            f"Graph refused the {kind} of “{asset}”: {token.refused_because}",
            "Ask an admin to add a new one under Access tokens.",
        )
    if not app.sealed_secret:
        return Missing(
            "no_secret",
            f"The secret of the app “{app}” is not set, so the call can't be signed.",
            "Ask an admin to enter it on the app's form.",
        )
    return _open(asset, app, token)


def mark_refused(token_pk: int, *, because: str, at: datetime) -> None:
    """Record that Graph refused a token, so that nothing more is asked with it."""
    token = AccessToken.objects.filter(pk=token_pk).first()
    if token:
        token.mark_refused(because=because, at=at)


def _open(asset: FacebookApp | Page, app: FacebookApp, token: AccessToken) -> Credential | Missing:
    opened = None
    try:
        opened = Credential(
            token=unseal(token.sealed_value, bound_to=token.seal_name),
            app_secret=unseal(app.sealed_secret, bound_to=app.seal_name),
            token_pk=token.pk,
            fingerprint=token.fingerprint,
            app_pk=app.pk,
        )
    except SecretUnreadable:
        opened = None
    return opened or Missing(
        "unreadable",
        f"The stored token or secret of “{asset}” can't be decrypted with the present keys.",
        "Ask whoever runs idlink to restore the key in IDLINK_ENCRYPTION_KEYS, or enter both anew.",
    )
