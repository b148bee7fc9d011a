"""Asks Graph what a token is (debug_token), with one caller after another. Stores nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from businesses.credentials import Inspection, inspection_of
from businesses.models import AccessToken, FacebookApp, SecretRole
from lookups.graph import GraphClient, GraphError, ProofRefused, TokenRefused, TokenReport

MOST_OTHER_APPS = 5


@dataclass(frozen=True)
class InspectionAnswer:
    """The result of asking: a report, or the error. `secret_wrong`: Graph refused the app's ID and secret."""

    report: TokenReport | None = None
    error: GraphError | None = None
    secret_wrong: bool = False


def inspected(client: GraphClient, inspection: Inspection) -> InspectionAnswer:
    """Ask with the app's ID and secret, else with the app's tokens: these may work while the stored secret is wrong."""
    secret_wrong, last = False, None
    for caller, secret in _ways(inspection):
        report = _report(client, inspection.token, caller, secret)
        if not isinstance(report, TokenRefused | ProofRefused):
            return _answer(report, secret_wrong=secret_wrong)
        secret_wrong = secret_wrong or bool(secret)
        if caller == inspection.token:  # only then the error is about the token itself
            last = InspectionAnswer(error=report, secret_wrong=secret_wrong)
    return last or InspectionAnswer(error=ProofRefused(""), secret_wrong=True)


def inspected_by_others(client: GraphClient, token: AccessToken) -> TokenReport | None:
    """Ask with the business's other apps, to find the app that made the token."""
    others = FacebookApp.objects.filter(business=token.business_id, secrets__role=SecretRole.IN_USE)
    issuer = token.asset.signing_app
    for app in others.exclude(pk=issuer.pk if issuer else None)[:MOST_OTHER_APPS]:
        inspection = inspection_of(token, by=app)
        if isinstance(inspection, Inspection):
            report = _report(client, inspection.token, inspection.by_secret, inspection.app_secret)
            if isinstance(report, TokenReport):
                return report
    return None


def _ways(inspection: Inspection) -> Iterator[tuple[str, str]]:
    """Give each caller with the secret that signs its call; a stored token of the app asks without a secret."""
    if inspection.by_secret:
        yield inspection.by_secret, inspection.app_secret
    yield from ((caller, "") for caller in inspection.callers if caller != inspection.by_secret)


def _report(client: GraphClient, token: str, caller: str, secret: str) -> TokenReport | GraphError:
    failure = None
    try:
        return client.describe_token(token, caller, app_secret=secret)
    except GraphError as error:
        failure = error
    return failure


def _answer(report: TokenReport | GraphError, *, secret_wrong: bool) -> InspectionAnswer:
    if isinstance(report, GraphError):
        return InspectionAnswer(error=report, secret_wrong=secret_wrong)
    return InspectionAnswer(report=report, secret_wrong=secret_wrong)
