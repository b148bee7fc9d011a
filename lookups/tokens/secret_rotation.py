"""Rotates an app's secret: a new secret replaces the old one only after Graph has accepted it.

The old secret is kept for a week, so an admin can go back to it. A trial of a secret is one debug_token call about the
app access token made of the app's ID and that secret, with a proof signed by the same secret. No transaction is open
during the call; if somebody else changes the secrets meanwhile, that change stays.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from businesses.credentials import AppKey, app_key
from businesses.models import AccessToken, AppSecret, Asset, FacebookApp, SecretRole, TokenCheck
from lookups.asking import pacing
from lookups.graph import GraphClient, GraphError, ProofRefused, TokenRefused, TooManyCalls

logger = logging.getLogger(__name__)

TRIED_AGAIN_AFTER = timedelta(minutes=9)
KEEP_FORMER = timedelta(days=7)
# Graph refuses a secret with codes that have other meanings, too, so its words count, too.
_REFUSING_WORDS = ("client secret", "validating application")


class TrialResult(StrEnum):
    """The result of trying a secret."""

    WORKS = "works"
    REFUSED = "refused"
    TROUBLE = "trouble"  # Graph could not be asked, so nothing is known of the secret
    GONE = "gone"  # there is no such secret, or somebody else changed it meanwhile


@dataclass(frozen=True)
class Trial:
    """One trial: its result, and Graph's words and trace ID if the secret does not work."""

    result: TrialResult
    words: str = ""
    trace_id: str = ""


_GONE = Trial(TrialResult.GONE)
_UNREADABLE = Trial(TrialResult.REFUSED, "It can't be decrypted with the present keys.")


def propose(app: FacebookApp, secret: str) -> None:
    """Store a secret to be tried; it replaces one that still waits to be tried."""
    app.set_next_secret(secret)


def withdraw(app: FacebookApp) -> None:
    """Forget the secret that was to be tried."""
    app.drop_secret(SecretRole.WAITING)


def forget_refusal(app: FacebookApp) -> None:
    """Forget that the last new secret was refused; a secret that waits to be tried stays."""
    AppSecret.objects.filter(app=app.pk, role=SecretRole.WAITING, sealed_value="").delete()


def secrets_to_try(now: datetime) -> list[int]:
    """Give the keys of apps that have a new secret about which Graph could not be asked so far."""
    rested = Q(tried_at=None) | Q(tried_at__lte=now - TRIED_AGAIN_AFTER)
    waiting = AppSecret.objects.filter(rested, role=SecretRole.WAITING).exclude(sealed_value="")
    return list(waiting.order_by("app").values_list("app", flat=True))


def try_next(client: GraphClient, app_pk: int, *, now: datetime, by: int | None = None) -> Trial:
    """Try the new secret: use it if Graph accepts it, forget it if Graph refuses it, else let it wait."""
    return _try_secret(client, app_pk, SecretRole.WAITING, now=now, by=by)


def go_back(client: GraphClient, app_pk: int, *, now: datetime, by: int | None = None) -> Trial:
    """Use the former secret again if Graph still accepts it; forget it if Graph refuses it."""
    return _try_secret(client, app_pk, SecretRole.FORMER, now=now, by=by)


def forget_former(app: FacebookApp) -> None:
    """Forget the secret that was in use before."""
    app.drop_secret(SecretRole.FORMER)


def forget_old(now: datetime) -> int:
    """Forget former secrets whose successors have been in use for a week; gives how many."""
    in_use = AppSecret.objects.filter(app=OuterRef("app"), role=SecretRole.IN_USE)
    settled = Exists(in_use.filter(set_at__lte=now - KEEP_FORMER))
    return AppSecret.objects.filter(settled, role=SecretRole.FORMER).delete()[0]


def _try_secret(client: GraphClient, app_pk: int, role: SecretRole, *, now: datetime, by: int | None) -> Trial:
    secret = _of(app_pk, role).select_related("app__business").first()
    if secret is None:
        return _GONE
    trial = _ask(client, secret.app, app_key(secret), now)
    with transaction.atomic():
        # The app's own row is not locked: workers that record answers refer to it at the same time.
        kept = _locked(app_pk, role, secret.pk)
        if kept is None:
            return _GONE
        _settle(kept, trial, now=now, by=by)
    return trial


def _of(app_pk: int, role: SecretRole) -> "QuerySet[AppSecret]":
    return AppSecret.objects.filter(app=app_pk, role=role).exclude(sealed_value="")


def _locked(app_pk: int, role: SecretRole, secret_pk: int) -> AppSecret | None:
    """Lock all secrets of an app; give the named secret if it still has its role."""
    locked = AppSecret.objects.select_for_update(of=("self",)).filter(app=app_pk).select_related("app").order_by("pk")
    return next((one for one in locked if one.pk == secret_pk and one.role == role), None)


def _settle(secret: AppSecret, trial: Trial, *, now: datetime, by: int | None) -> None:
    """Use the secret, forget it, or let it wait, as the trial says."""
    app, waits = FacebookApp.objects.get(pk=secret.app_id), secret.role == SecretRole.WAITING
    if trial.result == TrialResult.WORKS:
        _renew_tokens(app, new=secret, by=by, now=now)
        use = app.use_next_secret if waits else app.use_former_secret
        use()
    elif trial.result == TrialResult.TROUBLE and waits:
        AppSecret.objects.filter(pk=secret.pk).update(tried_at=now, trouble=trial.words[:500])
    elif trial.result == TrialResult.REFUSED and waits:
        app.refuse_next_secret(trial.words)
    elif trial.result == TrialResult.REFUSED:
        app.drop_secret(SecretRole.FORMER)


def _ask(client: GraphClient, app: Asset, key: AppKey | None, now: datetime) -> Trial:
    if key is None:
        return _UNREADABLE
    failure = None
    try:
        report = client.describe_token(key.token, key.token, app_secret=key.app_secret)
        failure = report.problem
    except GraphError as error:
        failure = error
    if failure is None:
        return Trial(TrialResult.WORKS)
    if isinstance(failure, TooManyCalls):
        pacing.note_error(app, failure, asked_at=now, now=now)
    logger.info("A secret of app %s was tried: %s", app.pk, type(failure).__name__)
    result = TrialResult.REFUSED if _is_refusal(failure) else TrialResult.TROUBLE
    return Trial(result, failure.message, failure.trace_id)


def _is_refusal(failure: GraphError) -> bool:
    words = failure.message.lower()
    return isinstance(failure, TokenRefused | ProofRefused) or any(refusing in words for refusing in _REFUSING_WORDS)


def _renew_tokens(app: FacebookApp, *, new: AppSecret, by: int | None, now: datetime) -> None:
    """Give an app that has stored tokens the token of its ID and the new secret, which Graph has just accepted.

    The token with the present secret is deleted: it would keep that secret beyond its time.
    """
    key, present = app_key(new), app_key(app.secret)
    if key is None or not app.tokens.exists():
        return
    app.tokens.filter(fingerprint__in=[one.fingerprint for one in (key, present) if one]).delete()
    token = AccessToken(business_id=app.business_id, asset=app, created_by_id=by)
    token.set_value(key.token)
    token.save()
    TokenCheck.objects.filter(pk=token.pk).update(proven_at=now)
