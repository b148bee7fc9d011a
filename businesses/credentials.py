"""Which token and app secret a question needs, or why there is none; and marking a refused token."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from businesses.models import AccessToken, FacebookApp, Page, Problem
from businesses.secrets import SecretUnreadable, fingerprint, unseal

MOST_CALLERS = 3
SECRET_CODES = ("secret_wrong", "secret_doubted", "no_secret")  # of what is missing: mended on the app's form


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
    return _credential(asset, asset.tokens.best_first().first())


def credentials_for(assets: Iterable[FacebookApp | Page]) -> dict[FacebookApp | Page, Credential | Missing]:
    """Give the same for many at once, with one query if their managing apps are read already."""
    known = list(assets)
    tokens = tokens_in_use(known)
    return {asset: _credential(asset, tokens.get(asset)) for asset in known}


def tokens_in_use(assets: Iterable[FacebookApp | Page]) -> dict[FacebookApp | Page, AccessToken]:
    """Give the best token of each of these that has one."""
    by_key = {_key(asset): asset for asset in assets}
    apps, pages = ([key[place] for key in by_key if key[place]] for place in (0, 1))
    found: dict[FacebookApp | Page, AccessToken] = {}
    for token in AccessToken.objects.filter(Q(app__in=apps) | Q(page__in=pages)).best_first():
        found.setdefault(by_key[token.app_id, token.page_id], token)
    return found


def _key(asset: FacebookApp | Page) -> tuple[int | None, int | None]:
    return (asset.pk, None) if isinstance(asset, FacebookApp) else (None, asset.pk)


def _credential(asset: FacebookApp | Page, token: AccessToken | None) -> Credential | Missing:
    kind = "app access token" if isinstance(asset, FacebookApp) else "page access token"
    app = asset if isinstance(asset, FacebookApp) else asset.managed_by
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
    if token.is_dead:
        return Missing(
            "token_refused",
            f"The {kind} of “{asset}” can't be used: {token.problem_text}",
            "Nothing to do: it is checked by itself, and used again once Graph says that it works."
            if token.problem == Problem.RESTORED
            else "Ask an admin to add the right one under Access tokens.",
        )
    if token.problem == Problem.SECRET_WRONG and not _is_newer(app, token):
        return Missing(
            "secret_wrong",
            f"Graph does not take the secret stored for the app “{app}”, so the call can't be signed.",
            "Ask an admin to enter the app's present secret under “Rotate the secret” on the app's page.",
        )
    if _is_doubted(app, token):
        return secret_doubted(app)
    if not app.sealed_secret:
        return Missing(
            "no_secret",
            f"The secret of the app “{app}” is not set, so the call can't be signed.",
            "Ask an admin to enter it on the app's form.",
        )
    return _open(asset, app, token)


def secret_doubted(app: FacebookApp | None) -> Missing:
    """What is missing where Graph has refused a signature, until a check has told whether the secret is wrong."""
    return Missing(
        "secret_doubted",
        f"Graph refused a call signed with the secret stored for the app “{app}”. It was probably reset.",
        "idlink checks it by itself. If it was reset, ask an admin to enter the app's present secret on its form.",
    )


def credential_to_read(asset: FacebookApp | Page) -> Credential | None:
    """Give what an app or a Page is asked about itself with: its token, signed if there is a secret to sign with.

    So more can be told of one that can't be asked about people yet; None where there is no token to try.
    """
    token = asset.tokens.best_first().first()
    if token is None or token.is_dead:
        return None
    app = asset if isinstance(asset, FacebookApp) else asset.managed_by
    wrong = token.problem == Problem.SECRET_WRONG and not (app and _is_newer(app, token))
    text = _unsealed(token.sealed_value, token.seal_name)
    secret = _unsealed(app.sealed_secret, app.seal_name) if app and app.sealed_secret and not wrong else ""
    if not text:
        return None
    return Credential(text, secret, token_pk=token.pk, fingerprint=token.fingerprint, app_pk=app.pk if app else 0)


@dataclass(frozen=True)
class Inspection:
    """What debug_token is asked with about a token.

    `callers` are app access tokens of the app that should have issued it, the best first; `by_secret` is the
    one made of that app's ID and secret, empty without a secret.
    """

    token: str = field(repr=False)
    by_secret: str = field(repr=False)
    callers: tuple[str, ...] = field(repr=False)
    app_secret: str = field(repr=False)


def inspection_of(token: AccessToken, *, by: FacebookApp | None = None) -> Inspection | Missing:
    """Give what a check of this token is made with, or why it can't be checked.

    The caller is the app that should have issued it, or the one that is named.
    """
    app = by or token.app or (token.page.managed_by if token.page else None)
    if app is None:
        return Missing(
            "no_managing_app",
            f"No app is set as the one that manages the Page “{token.asset}”, and only that app can check its token.",
            "Choose it on the Page's form.",
        )
    text = _unsealed(token.sealed_value, token.seal_name)
    if not text:
        return _unreadable(app if token.asset is None else token.asset)
    secret = _unsealed(app.sealed_secret, app.seal_name) if app.sealed_secret else ""
    known = [_unsealed(one.sealed_value, one.seal_name) for one in app.tokens.best_first()[:MOST_CALLERS]]
    own = [text] if token.app_id and by is None else []
    callers = tuple(dict.fromkeys(one for one in [*known, *own] if one))
    if not secret and not callers:
        return Missing(
            "no_secret",
            f"Only the app “{app}” can check this token, and neither its secret nor a token of it is stored.",
            "Enter the app's secret on its form.",
        )
    return Inspection(text, f"{app.app_id}|{secret}" if secret else "", callers, secret)


def app_keys(apps: Iterable[FacebookApp]) -> Iterator[tuple[FacebookApp, str, str]]:
    """Give each app whose secret can be read, with the token made of its ID and secret, and the secret."""
    for app in apps:
        secret = _unsealed(app.sealed_secret, app.seal_name) if app.sealed_secret else ""
        if secret:
            yield app, f"{app.app_id}|{secret}", secret


@dataclass(frozen=True)
class AppKey:
    """One secret of an app, and the app access token made of the app's ID and that secret."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the token."""
        return fingerprint(self.token)


def app_key(app: FacebookApp, sealed: str) -> AppKey | None:
    """Open one of the app's sealed secrets: the one in use, the next or the former; None if that can't be done."""
    secret = _unsealed(sealed, app.seal_name) if sealed else ""
    return AppKey(f"{app.app_id}|{secret}", secret) if secret else None


def mark_refused(
    token_pk: int, *, because: str, at: datetime, code: int | None = None, subcode: int | None = None, trace: str = ""
) -> None:
    """Record that Graph refused a token, so that nothing more is asked with it."""
    token = AccessToken.objects.filter(pk=token_pk).first()
    if token:
        token.mark_refused(because=because, at=at, code=code, subcode=subcode, trace=trace)


def _is_newer(app: FacebookApp, token: AccessToken) -> bool:
    """Tell whether the app's secret was saved after the check that found it wrong."""
    return bool(app.secret_set_at and token.checked_at and app.secret_set_at > token.checked_at)


def _is_doubted(app: FacebookApp, token: AccessToken) -> bool:
    """Tell whether Graph has refused the app's signature since the last check, and the secret is still the same."""
    at = token.doubted_at
    if at is None or (token.checked_at and token.checked_at >= at):
        return False
    return not (app.secret_set_at and app.secret_set_at > at)


def _unsealed(sealed: str, name: str) -> str:
    text = ""
    try:
        text = unseal(sealed, bound_to=name)
    except SecretUnreadable:
        text = ""
    return text


def _unreadable(asset: FacebookApp | Page) -> Missing:
    return Missing(
        "unreadable",
        f"The stored token or secret of “{asset}” can't be decrypted with the present keys.",
        "Ask whoever runs idlink to restore the key in IDLINK_ENCRYPTION_KEYS, or enter both anew.",
    )


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
    return opened or _unreadable(asset)
