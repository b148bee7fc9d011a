"""Choose the token and app secret for a question, or say why there is none; decrypt them when a call is made.

Planning, pages and previews handle a `Choice`: rows with sealed values. They are decrypted only when a call is
made, signed or checked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import prefetch_related_objects

from businesses.models import AccessToken, AppSecret, Asset, Problem, TokenCheck
from businesses.reasons import Reason, reason
from businesses.secrets import SecretUnreadable, can_open, fingerprint, unseal

MOST_CALLERS = 3


@dataclass(frozen=True)
class Choice:
    """The token that asks about IDs of an asset, and the secret that signs; both still sealed."""

    asset: Asset
    token: AccessToken
    secret: AppSecret

    @property
    def token_pk(self) -> int:
        """The key of the token."""
        return self.token.pk

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the token."""
        return self.token.fingerprint

    @property
    def app_pk(self) -> int:
        """The key of the app whose secret signs."""
        return self.secret.app_id


@dataclass(frozen=True)
class Credential:
    """The decrypted credential of a call. `app_secret` is that of the app which issued the token; may be empty."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)
    token_pk: int
    fingerprint: str
    app_pk: int


def choice_for(asset: Asset) -> Choice | Reason:
    """Choose the credential for questions about IDs of this app or Page, or say why there is none.

    ASIDs are asked about with an app access token of their app, PSIDs with a page access token that
    the app managing the Page made; the proof is signed with that app's secret (the guide, use cases 1-4).
    """
    return choices_for([asset])[asset]


def choices_for(assets: Iterable[Asset]) -> dict[Asset, Choice | Reason]:
    """Choose the credentials for many apps and Pages, in a few queries for any number of them."""
    known = list(assets)
    prefetch_related_objects(known, "secrets", "managed_by__secrets")
    tokens = tokens_in_use(known)
    return {asset: _choice(asset, tokens.get(asset)) for asset in known}


def tokens_in_use(assets: Iterable[Asset]) -> dict[Asset, AccessToken]:
    """Give the best token of each asset that has one."""
    by_key = {asset.pk: asset for asset in assets}
    found: dict[Asset, AccessToken] = {}
    for token in AccessToken.objects.filter(asset__in=by_key).best_first():
        token.asset = by_key[token.asset_id]
        found.setdefault(token.asset, token)
    return found


def opened(choice: Choice) -> Credential | Reason:
    """Decrypt the token and the secret for a call that is about to be made, or say that they can't be read."""
    token = _unsealed(choice.token)
    secret = _unsealed(choice.secret)
    if not (token and secret):
        return _unreadable(choice.asset)
    return Credential(token, secret, choice.token_pk, choice.fingerprint, choice.app_pk)


def _choice(asset: Asset, token: AccessToken | None) -> Choice | Reason:
    app = asset.signing_app
    if app is None:
        return reason("no_managing_app", about={"asset": asset})
    if token is None:
        return reason("no_token", about={"asset": asset}, token=asset.kind_of.token)
    lacking = _token_trouble(asset, token) or _secret_trouble(app, token)
    if lacking:
        return lacking
    secret = app.secret
    if secret is None:
        return reason("no_secret", about={"app": app})
    readable = can_open(token.sealed_value) and can_open(secret.sealed_value)
    return Choice(asset, token, secret) if readable else _unreadable(asset)


def _token_trouble(asset: Asset, token: AccessToken) -> Reason | None:
    check, about = token.last_check, {"asset": asset}
    if check.refused_at:
        return reason("token_refused", about=about, token=asset.kind_of.token, because=check.refused_because)
    if check.is_dead:
        code = "token_restored" if check.problem == Problem.RESTORED else "token_wrong"
        return reason(code, about=about, token=asset.kind_of.token, because=check.problem_text)
    return None


def _secret_trouble(app: Asset, token: AccessToken) -> Reason | None:
    if is_secret_wrong(app, token.last_check):
        return reason("secret_wrong", about={"app": app})
    return secret_doubted(app) if _is_doubted(app, token.last_check) else None


def is_secret_wrong(app: Asset, check: TokenCheck) -> bool:
    """Tell whether a check found the app's secret wrong, and no other secret was saved since."""
    newer = app.secret is not None and app.secret.is_newer_than(check.checked_at)
    return check.problem == Problem.SECRET_WRONG and not newer


def _is_doubted(app: Asset, check: TokenCheck) -> bool:
    """Tell whether Graph has refused the app's signature since the last check, and the secret is still the same."""
    at = check.doubted_at
    if at is None or (check.checked_at and check.checked_at >= at):
        return False
    return not (app.secret and app.secret.is_newer_than(at))


def secret_doubted(app: Asset) -> Reason:
    """Give the reason for lookups whose signature Graph refused, until a check shows whether the secret is wrong."""
    return reason("secret_doubted", about={"app": app})


def _unreadable(asset: Asset) -> Reason:
    return reason("unreadable", about={"asset": asset})


def credential_to_read(asset: Asset) -> Credential | None:
    """Decrypt the credential for a question about the app or Page itself: its token, and its app's secret if any.

    Such a question also works for an asset whose IDs can't be asked about yet. None if there is no usable token.
    """
    token = asset.tokens.best_first().first()
    if token is None or token.last_check.is_dead:
        return None
    app = asset.signing_app
    text = _unsealed(token)
    secret = _unsealed(app.secret) if app and not is_secret_wrong(app, token.last_check) else ""
    if not text:
        return None
    return Credential(text, secret, token_pk=token.pk, fingerprint=token.fingerprint, app_pk=app.pk if app else 0)


@dataclass(frozen=True)
class Inspection:
    """The values for a call of debug_token about one token.

    `callers` are app access tokens of the app that should have issued the token, the best first. `by_secret` is the
    app access token made of that app's ID and secret; it is empty without a secret.
    """

    token: str = field(repr=False)
    by_secret: str = field(repr=False)
    callers: tuple[str, ...] = field(repr=False)
    app_secret: str = field(repr=False)


def inspection_of(token: AccessToken, *, by: Asset | None = None) -> Inspection | Reason:
    """Decrypt the values for a check of this token, or say why it can't be checked.

    The caller is the app `by`; by default, the app that should have issued the token.
    """
    app = by or token.asset.signing_app
    if app is None:
        return reason("no_app_to_check", about={"asset": token.asset})
    text = _unsealed(token)
    if not text:
        return _unreadable(token.asset)
    secret = _unsealed(app.secret)
    known = [_unsealed(one) for one in app.tokens.best_first()[:MOST_CALLERS]]
    own = [text] if token.asset == app and by is None else []
    callers = tuple(dict.fromkeys(one for one in [*known, *own] if one))
    if not secret and not callers:
        return _unreadable(app) if app.secret else reason("nothing_to_check_with", about={"app": app})
    return Inspection(text, f"{app.graph_id}|{secret}" if secret else "", callers, secret)


def app_keys(apps: Iterable[Asset]) -> Iterator[tuple[Asset, "AppKey"]]:
    """Give each app whose secret in use can be read, with that secret decrypted."""
    for app in apps:
        key = app_key(app.secret)
        if key:
            yield app, key


@dataclass(frozen=True)
class AppKey:
    """One secret of an app, and the app access token made of the app's ID and that secret."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the token."""
        return fingerprint(self.token)


def app_key(secret: AppSecret | None) -> AppKey | None:
    """Decrypt one of an app's secrets, in any role; None if there is none or it can't be read."""
    text = _unsealed(secret)
    return AppKey(f"{secret.app.graph_id}|{text}", text) if secret and text else None


def mark_refused(
    token_pk: int, *, because: str, at: datetime, code: int | None = None, subcode: int | None = None, trace: str = ""
) -> None:
    """Record that Graph refused a token, so that it is no longer used."""
    check = TokenCheck.objects.filter(token=token_pk).first()
    if check:
        check.mark_refused(because=because, at=at, code=code, subcode=subcode, trace=trace)


def _unsealed(row: AccessToken | AppSecret | None) -> str:
    """Decrypt a row's value; empty if there is no value, or if no present key opens it."""
    text = ""
    if row is None or not row.sealed_value:
        return text
    try:
        text = unseal(row.sealed_value, bound_to=row.seal_name)
    except SecretUnreadable:
        text = ""
    return text
