"""Checks one stored token: asks Graph what it is, judges the answer and stores the verdict.

A token is proven if it is valid and belongs to the right app and the right Page. Until then the token before it stays
in use. No transaction is open during the call.
"""

from datetime import datetime

from businesses.credentials import inspection_of
from businesses.models import FATAL, AccessToken, Asset, FacebookApp, Problem
from businesses.reasons import Reason, reason
from lookups.asking import pacing
from lookups.graph import GraphClient, GraphError, TokenRefused, TokenReport, TooManyCalls
from lookups.tokens.findings import TokenFinding, store_finding, store_trouble
from lookups.tokens.inspecting import inspected, inspected_by_others
from lookups.tokens.verdicts import Expected, Verdict, of_another_app, token_verdict

# Graph's error for an app that asks about another app's token. It has two wordings; only this one is certain.
NAMED_FOREIGN = "did not match the viewing app"
NO_RIGHTS = "must provide an app access token"


def check(client: GraphClient, token_pk: int, *, now: datetime, another_go: bool = False) -> None:
    """Check one token. If Graph can't be asked, only the failed check is noted.

    Graph calls some tokens valid whose calls it refuses. So a refused token is used again only if the cause of its
    refusal may have passed, or with `another_go`.
    """
    token = AccessToken.objects.select_related("asset__managed_by").filter(pk=token_pk).first()
    if token is None:
        return
    inspection = inspection_of(token)
    if isinstance(inspection, Reason):
        text = f"{inspection.text} {inspection.remedy_for(may_act=True)}"
        store_finding(token, TokenFinding(Verdict(Problem.UNCHECKABLE, text)), now)
        return
    answer = inspected(client, inspection)
    if answer.report:
        finding = _of_report(token, answer.report, secret_wrong=answer.secret_wrong, now=now, another_go=another_go)
        store_finding(token, finding, now)
    elif answer.error:
        _take_error(client, token, answer.error, secret_wrong=answer.secret_wrong, now=now)


def _take_error(
    client: GraphClient, token: AccessToken, error: GraphError, *, secret_wrong: bool, now: datetime
) -> None:
    words = error.message.lower()
    if isinstance(error, TokenRefused):
        store_finding(token, TokenFinding(Verdict(Problem.REFUSED, error.message), refusal=error), now)
    elif secret_wrong:
        store_finding(token, TokenFinding(_secret_wrong(token)), now)
    elif NAMED_FOREIGN in words or NO_RIGHTS in words:
        sure = NAMED_FOREIGN in words or _is_signature_refused(token)
        store_finding(token, _of_foreign(client, token, sure=sure), now)
    else:
        if isinstance(error, TooManyCalls):
            pacing.note_error(_issuer(token), error, asked_at=now, now=now)
        store_trouble(token, error, now)


def _is_signature_refused(token: AccessToken) -> bool:
    """Tell whether Graph refused calls with this token for their signature, and the app has the same secret still.

    If Graph takes that secret in a check, the token is not of this app.
    """
    secret, at = _issuer(token).secret, token.last_check.doubted_at
    return bool(secret and at and not secret.is_newer_than(at))


def _of_foreign(client: GraphClient, token: AccessToken, *, sure: bool) -> TokenFinding:
    """Find who made a token that its expected app may not ask about. `sure`: another app did, as Graph has shown."""
    report = inspected_by_others(client, token)
    if not report and not sure:
        text = f"Graph does not let the app “{_issuer(token)}” ask about it. Most likely another app made it."
        return TokenFinding(Verdict(Problem.UNCHECKABLE, text))
    maker = _name_of_app(token, report.app_id) if report else ""
    return TokenFinding(of_another_app(_expected(token), maker), report)


def _of_report(
    token: AccessToken, report: TokenReport, *, secret_wrong: bool, now: datetime, another_go: bool
) -> TokenFinding:
    if report.problem:
        return TokenFinding(Verdict(Problem.REFUSED, report.problem.message), report, refusal=report.problem)
    verdict = token_verdict(report, _expected(token), now=now)
    if verdict.problem == Problem.WRONG_APP and report.app_id:
        verdict = of_another_app(_expected(token), _name_of_app(token, report.app_id))
    if secret_wrong and verdict.problem not in FATAL:  # Graph checks the signature before the permissions
        verdict = _secret_wrong(token)
    return TokenFinding(verdict, report, another_go=another_go)


def _issuer(token: AccessToken) -> Asset:
    app = token.asset.signing_app
    if app is None:
        raise ValueError("Only a token whose app is known is checked.")
    return app


def _expected(token: AccessToken) -> Expected:
    app, asset = _issuer(token), token.asset
    if asset == app:
        return Expected(app.graph_id, app.name)
    return Expected(app.graph_id, app.name, page_id=asset.graph_id, page_name=asset.name)


def _name_of_app(token: AccessToken, app_id: str) -> str:
    app = FacebookApp.objects.filter(business=token.business_id, graph_id=app_id).first()
    return f"“{app}”" if app else f"the app {app_id}"


def _secret_wrong(token: AccessToken) -> Verdict:
    return Verdict(Problem.SECRET_WRONG, reason("secret_wrong", about={"app": _issuer(token)}).text)
