"""A new app secret takes over only when Graph has shown that it takes it; the one before is kept for a way back.

What is asked: debug_token about the app access token made of the app's ID and the secret, with a proof signed by
the same secret. Graph is asked with no transaction open, and what somebody else has changed meanwhile stays.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from businesses.credentials import AppKey, app_key
from businesses.models import SECRET_COLUMNS, AccessToken, FacebookApp
from lookups.asking import pacing
from lookups.graph import GraphClient, GraphError, ProofRefused, TokenRefused, TooManyCalls

logger = logging.getLogger(__name__)

AGAIN_AFTER_TROUBLE = timedelta(minutes=9)
KEEP_FORMER = timedelta(days=7)
# Graph says so with codes that stand for other things, too.
_REFUSING_WORDS = ("client secret", "validating application")


class Result(StrEnum):
    """What came of trying a secret."""

    WORKS = "works"
    REFUSED = "refused"
    TROUBLE = "trouble"  # Graph could not be asked; nothing is known
    GONE = "gone"  # there is none, or somebody else changed it meanwhile


@dataclass(frozen=True)
class Tried:
    """The result, and Graph's own words if it does not work, with its trace ID."""

    result: Result
    words: str = ""
    trace_id: str = ""


GONE = Tried(Result.GONE)
UNREADABLE = Tried(Result.REFUSED, "It can't be decrypted with the present keys.")


def propose(app: FacebookApp, secret: str) -> None:
    """Store a secret to be tried, in place of one that waits for that already."""
    app.set_next_secret(secret)
    columns = {name: getattr(app, name) for name in SECRET_COLUMNS if "next" in name}
    FacebookApp.objects.filter(pk=app.pk).update(**columns)  # not save(): nothing that is in use has changed


def withdraw(app: FacebookApp) -> None:
    """Forget the secret that was to be tried."""
    app.drop_next_secret()
    columns = {name: getattr(app, name) for name in SECRET_COLUMNS if "next" in name}
    FacebookApp.objects.filter(pk=app.pk).update(**columns)


def forget_refusal(app: FacebookApp) -> None:
    """Forget that the last new secret was refused; one that waits to be tried stays."""
    refused = FacebookApp.objects.filter(pk=app.pk, sealed_next_secret="")
    refused.update(next_secret_trouble="", next_secret_tried_at=None)


def due(now: datetime) -> list[int]:
    """Give the keys of apps with a secret to be tried that Graph could not be asked about so far."""
    rested = Q(next_secret_tried_at=None) | Q(next_secret_tried_at__lte=now - AGAIN_AFTER_TROUBLE)
    waiting = FacebookApp.objects.exclude(sealed_next_secret="").filter(rested)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def try_next(client: GraphClient, app_pk: int, *, now: datetime, by: int | None = None) -> Tried:
    """Ask Graph with the new secret: it takes over if it works, is forgotten if it is refused, else waits."""
    tried = _try_kept(client, app_pk, _NEXT, now=now, by=by)
    if tried.result == Result.TROUBLE:
        waiting = FacebookApp.objects.filter(pk=app_pk).exclude(sealed_next_secret="")
        waiting.update(next_secret_tried_at=now, next_secret_trouble=tried.words[:500])
    return tried


def go_back(client: GraphClient, app_pk: int, *, now: datetime, by: int | None = None) -> Tried:
    """Use the former secret again if Graph still takes it; forget it if Graph does not."""
    return _try_kept(client, app_pk, _FORMER, now=now, by=by)


def forget_former(apps: "QuerySet[FacebookApp]") -> int:
    """Forget the former secrets of these apps; gives how many there were."""
    kept = apps.exclude(sealed_former_secret="")
    return kept.update(sealed_former_secret="", former_secret_fingerprint="")


def forget_old(now: datetime) -> int:
    """Forget former secrets that nobody went back to for a week."""
    return forget_former(FacebookApp.objects.filter(secret_set_at__lte=now - KEEP_FORMER))


@dataclass(frozen=True)
class _Kept:
    """A secret that is not in use: its column, how it comes into use, and what is done when Graph refuses it."""

    column: str
    use: Callable[[FacebookApp], None]
    refuse: Callable[[FacebookApp, str], None]


_NEXT = _Kept("sealed_next_secret", FacebookApp.use_next_secret, FacebookApp.refuse_next_secret)
_FORMER = _Kept("sealed_former_secret", FacebookApp.use_former_secret, lambda app, why: app.drop_former_secret())


def _try_kept(client: GraphClient, app_pk: int, kept: _Kept, *, now: datetime, by: int | None) -> Tried:
    app = FacebookApp.objects.filter(pk=app_pk).first()
    sealed = getattr(app, kept.column) if app else ""
    if app is None or not sealed:
        return GONE
    tried = _try(client, app, app_key(app, sealed), now)
    if tried.result == Result.TROUBLE:
        return tried
    with transaction.atomic():
        # Its key stays: whoever records answers refers to it meanwhile, and may hold the token that is to go.
        app = FacebookApp.objects.select_for_update(no_key=True).get(pk=app_pk)
        if getattr(app, kept.column) != sealed:
            return GONE
        if tried.result == Result.WORKS:
            _renew_tokens(app, new=sealed, by=by, now=now)
            kept.use(app)
        else:
            kept.refuse(app, tried.words)
        app.save(update_fields=SECRET_COLUMNS)
    return tried


def _try(client: GraphClient, app: FacebookApp, key: AppKey | None, now: datetime) -> Tried:
    if key is None:
        return UNREADABLE
    failure = None
    try:
        report = client.describe_token(key.token, key.token, app_secret=key.app_secret)
        failure = report.problem
    except GraphError as error:
        failure = error
    if failure is None:
        return Tried(Result.WORKS)
    if isinstance(failure, TooManyCalls):
        pacing.note_error(app, failure, asked_at=now, now=now)
    logger.info("A secret of app %s was tried: %s", app.pk, type(failure).__name__)
    return Tried(Result.REFUSED if _is_refusal(failure) else Result.TROUBLE, failure.message, failure.trace_id)


def _is_refusal(failure: GraphError) -> bool:
    told = failure.message.lower()
    return isinstance(failure, TokenRefused | ProofRefused) or any(words in told for words in _REFUSING_WORDS)


def _renew_tokens(app: FacebookApp, *, new: str, by: int | None, now: datetime) -> None:
    """Have an app that is asked with a token asked with the one of its ID and the new secret, which Graph just took.

    The token that holds the present secret goes: it would keep that secret beyond its time.
    """
    key, present = app_key(app, new), app_key(app, app.sealed_secret)
    if key is None or not app.tokens.exists():
        return
    app.tokens.filter(fingerprint__in=[one.fingerprint for one in (key, present) if one]).delete()
    token = AccessToken(business_id=app.business_id, app=app, created_by_id=by, proven_at=now)
    token.set_value(key.token)
    token.save()
