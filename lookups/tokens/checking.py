"""Ask Graph what a stored token is (debug_token), and write down what it tells.

A token that is valid, of the right app and the right Page is proven; until then the one in use before stays
in use. Graph is asked with no transaction open.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from businesses.credentials import Inspection, Missing, inspection_of
from businesses.models import FATAL, REFUSAL, AccessToken, FacebookApp, Problem
from lookups.asking import pacing
from lookups.graph import GraphClient, GraphError, ProofRefused, TokenRefused, TokenReport, TooManyCalls
from lookups.models import QuotaPool
from lookups.tokens.causes import PASSING
from lookups.tokens.verdicts import Expected, Verdict, of_another_app, verdict_on

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=24)
AGAIN_AFTER_TROUBLE = timedelta(minutes=9)
AGAIN_WHEN_DOUBTED = timedelta(minutes=1)
AT_ONCE = 20
MOST_OTHER_APPS = 5
# What Graph says to an app that asks about another's token: in one of two wordings.
NAMED_FOREIGN = "did not match the viewing app"
NO_RIGHTS = "must provide an app access token"


@dataclass(frozen=True)
class _Told:
    """What came of asking: a report, or why there is none. `secret_wrong`: the app's ID and secret were refused."""

    report: TokenReport | None = None
    error: GraphError | None = None
    secret_wrong: bool = False


def due_for_check(now: datetime, *, most: int = AT_ONCE) -> list[int]:
    """Give the keys of tokens to check now.

    Those never checked, checked a day ago, refused or doubted since, or whose app has a new secret since.
    """
    return _keys_of_due(now, most)


def doubted(now: datetime) -> list[int]:
    """Give the keys of tokens that are due because Graph refused their signature: lookups wait for this check."""
    return _keys_of_due(now, AT_ONCE, Q(doubted_at__gt=F("checked_at")) | Q(checked_at=None, doubted_at__isnull=False))


def _keys_of_due(now: datetime, most: int, only: Q | None = None) -> list[int]:
    app = Coalesce("app", "page__managed_by")
    pausing = QuotaPool.objects.filter(wait_until__gt=now, app=OuterRef("issuer"))
    new_secret = FacebookApp.objects.filter(pk=OuterRef("issuer"), secret_set_at__gt=OuterRef("checked_at"))
    tokens = AccessToken.objects.annotate(issuer=app).filter(
        Q(checked_at=None)
        | Q(checked_at__lte=now - EVERY)
        | Q(refused_at__gt=F("checked_at"))
        | Q(doubted_at__gt=F("checked_at"))
        | Exists(new_secret)
    )
    rested = Q(check_tried_at=None) | Q(check_tried_at__lte=now - AGAIN_AFTER_TROUBLE)
    rested |= Q(doubted_at__gt=F("check_tried_at"), check_tried_at__lte=now - AGAIN_WHEN_DOUBTED)
    tokens = tokens.filter(rested, only or Q()).exclude(Exists(pausing))
    oldest_first = (F("check_tried_at").asc(nulls_first=True), "pk")
    return list(tokens.order_by(*oldest_first).values_list("pk", flat=True)[:most])


def tokens_of(app_pk: int) -> list[int]:
    """Give the keys of the tokens that this app has issued, or should have."""
    mine = AccessToken.objects.filter(Q(app=app_pk) | Q(page__managed_by=app_pk))
    return list(mine.values_list("pk", flat=True))


def check(client: GraphClient, token_pk: int, *, now: datetime, another_go: bool = False) -> None:
    """Check one token. If Graph can't be asked, nothing changes but what is told of the check.

    With `another_go` a refused token that Graph calls valid is used again; else only where what it was
    refused for may have passed, since Graph calls some tokens valid whose calls it refuses.
    """
    token = _rows().filter(pk=token_pk).first()
    if token is None:
        return
    inspection = inspection_of(token)
    if isinstance(inspection, Missing):
        _store(token_pk, None, Verdict(Problem.UNCHECKABLE, f"{inspection.text} {inspection.remedy}"), now=now)
        return
    told = _describe(client, inspection)
    if told.error:
        _take_error(client, token, told, now)
    elif told.report:
        _take_report(token, told, now=now, another_go=another_go)


def _rows() -> QuerySet[AccessToken]:
    return AccessToken.objects.select_related("app", "page__managed_by")


def _issuer(token: AccessToken) -> FacebookApp:
    app = token.app or (token.page.managed_by if token.page else None)
    if app is None:
        raise ValueError("Only a token whose app is known is checked.")
    return app


def _expected(token: AccessToken) -> Expected:
    app = _issuer(token)
    if token.page:
        return Expected(app.app_id, app.name, token.page.page_id, token.page.name)
    return Expected(app.app_id, app.name)


def _describe(client: GraphClient, inspection: Inspection) -> _Told:
    """Ask as the app: by its ID and secret, else with its own tokens, which may outlive a secret that is wrong here."""
    ways = [(inspection.by_secret, inspection.app_secret)] if inspection.by_secret else []
    ways += [(caller, "") for caller in inspection.callers if caller != inspection.by_secret]
    secret_wrong, last = False, _Told()
    for caller, secret in ways:
        told = _ask(client, inspection.token, caller, secret)
        if not isinstance(told, TokenRefused | ProofRefused):
            return _as_told(told, secret_wrong=secret_wrong)
        secret_wrong = secret_wrong or bool(secret)
        # About the token itself an error tells only where the token itself was the caller.
        last = _Told(error=told, secret_wrong=secret_wrong) if caller == inspection.token else last
    return last if last.error else _Told(error=ProofRefused(""), secret_wrong=True)


def _ask(client: GraphClient, token: str, caller: str, secret: str) -> TokenReport | GraphError:
    failure = None
    try:
        return client.describe_token(token, caller, app_secret=secret)
    except GraphError as error:
        failure = error
    return failure


def _as_told(told: TokenReport | GraphError, *, secret_wrong: bool) -> _Told:
    if isinstance(told, GraphError):
        return _Told(error=told, secret_wrong=secret_wrong)
    return _Told(report=told, secret_wrong=secret_wrong)


def _take_error(client: GraphClient, token: AccessToken, told: _Told, now: datetime) -> None:
    error = told.error
    if isinstance(error, TokenRefused):
        _store(token.pk, None, Verdict(Problem.REFUSED, error.message), refusal=error, now=now)
    elif told.secret_wrong:
        _store(token.pk, None, _secret_wrong(token), now=now)
    elif error and any(words in error.message.lower() for words in (NAMED_FOREIGN, NO_RIGHTS)):
        _take_foreign(client, token, sure=NAMED_FOREIGN in error.message.lower(), now=now)
    elif error:
        _store_trouble(token, error, now)


def _take_foreign(client: GraphClient, token: AccessToken, *, sure: bool, now: datetime) -> None:
    """The app that should have made it may not ask about it; in one of two wordings Graph says plainly why."""
    report = _ask_as_others(client, token)
    verdict = of_another_app(_expected(token), _name_of_app(token, report.app_id) if report else "")
    if not report and not sure:
        text = f"Graph does not let the app “{_issuer(token)}” ask about it. Most likely another app made it."
        verdict = Verdict(Problem.UNCHECKABLE, text)
    _store(token.pk, report, verdict, now=now)


def _take_report(token: AccessToken, told: _Told, *, now: datetime, another_go: bool) -> None:
    report = told.report
    if report is None:
        return
    if report.problem:
        _store(token.pk, report, Verdict(Problem.REFUSED, report.problem.message), refusal=report.problem, now=now)
        return
    verdict = verdict_on(report, _expected(token), now=now)
    if verdict.problem == Problem.WRONG_APP and report.app_id:
        verdict = of_another_app(_expected(token), _name_of_app(token, report.app_id))
    if told.secret_wrong and verdict.problem not in FATAL:  # Graph looks at the signature before the permissions
        verdict = _secret_wrong(token)
    _store(token.pk, report, verdict, another_go=another_go, now=now)


def _ask_as_others(client: GraphClient, token: AccessToken) -> TokenReport | None:
    """Let the business's other apps ask, to name the one that made the token."""
    others = (
        FacebookApp.objects.filter(business=token.business_id).exclude(pk=_issuer(token).pk).exclude(sealed_secret="")
    )
    for app in others[:MOST_OTHER_APPS]:
        inspection = inspection_of(token, by=app)
        if isinstance(inspection, Inspection):
            told = _ask(client, inspection.token, inspection.by_secret, inspection.app_secret)
            if isinstance(told, TokenReport):
                return told
    return None


def _name_of_app(token: AccessToken, app_id: str) -> str:
    app = FacebookApp.objects.filter(business=token.business_id, app_id=app_id).first()
    return f"“{app}”" if app else f"the app {app_id}"


def _secret_wrong(token: AccessToken) -> Verdict:
    return Verdict(
        Problem.SECRET_WRONG,
        f"Graph does not take the secret stored for the app “{_issuer(token)}”, so calls with this token can't be "
        "signed. It was probably reset.",
    )


def _store(
    token_pk: int,
    report: TokenReport | None,
    verdict: Verdict,
    *,
    now: datetime,
    refusal: GraphError | None = None,
    another_go: bool = False,
) -> None:
    with transaction.atomic():
        token = AccessToken.objects.select_for_update().filter(pk=token_pk).first()
        if token is None:
            return
        if report:
            _copy(report, token)
        if verdict.problem == Problem.SECRET_WRONG != token.problem:
            _doubt_others(token, now)
        if token.problem == Problem.RESTORED and not (report or refusal):
            # What came back with a backup stays out of use until Graph has told what it is.
            verdict = Verdict(Problem.RESTORED, verdict.text)
        token.problem, token.problem_text = verdict.problem, verdict.text[:500]
        if refusal:
            _note_refusal(token, refusal, now)
        elif report and _may_be_used_again(token, another_go, now):
            token.refused_at, token.refused_because, token.refused_trace = None, "", ""
            token.refused_code = token.refused_subcode = None
        if report and not verdict.problem and token.refused_at is None:
            token.proven_at = token.proven_at or now
        token.checked_at = token.check_tried_at = now
        token.check_trouble = ""
        token.save()


def _doubt_others(token: AccessToken, now: datetime) -> None:
    """Have those tokens of an app checked that still seem well, since its secret has turned out to be wrong."""
    app = token.app_id or (token.page.managed_by_id if token.page else None)
    others = AccessToken.objects.filter(pk__in=tokens_of(app) if app else []).exclude(pk=token.pk)
    others.filter(problem="", refused_at=None).update(doubted_at=now)


def _may_be_used_again(token: AccessToken, another_go: bool, asked_at: datetime) -> bool:
    """Tell whether a valid token's refusal is over; one that came while Graph was being asked is news."""
    refused_before = token.refused_at is not None and token.refused_at < asked_at
    return refused_before and not token.is_wrong and (another_go or token.refused_subcode in PASSING)


def _note_refusal(token: AccessToken, refusal: GraphError, now: datetime) -> None:
    """Keep the first refusal, but learn its subcode if only the check tells it."""
    if token.refused_at and token.refused_subcode is None and refusal.subcode:
        token.refused_code, token.refused_subcode = refusal.code, refusal.subcode
        token.refused_because = refusal.message
        token.save(update_fields=REFUSAL)
    token.mark_refused(
        because=refusal.message, at=now, code=refusal.code, subcode=refusal.subcode, trace=refusal.trace_id
    )


def _copy(report: TokenReport, token: AccessToken) -> None:
    token.told_kind, token.issuing_app, token.speaks_for_page = report.kind, report.app_id, report.page_id
    token.expires_at, token.data_access_ends_at = report.expires_at, report.data_access_ends_at
    token.scopes = list(report.scopes)


def _store_trouble(token: AccessToken, error: GraphError, now: datetime) -> None:
    if isinstance(error, TooManyCalls):
        pacing.note_error(_issuer(token), error, asked_at=now, now=now)
    logger.warning("Token %s could not be checked: %s", token.pk, type(error).__name__)
    AccessToken.objects.filter(pk=token.pk).update(check_tried_at=now, check_trouble=error.message[:500])
