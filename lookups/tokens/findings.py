"""Stores the result of a token's check, in short transactions. Calls nobody."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from businesses.models import AccessToken, Problem, TokenCheck
from lookups.graph import GraphError, TokenReport
from lookups.tokens.causes import PASSING
from lookups.tokens.due_checks import tokens_issued_by
from lookups.tokens.verdicts import Verdict

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TokenFinding:
    """The result of a check. `report` is Graph's answer; `refusal` is Graph's error if it calls the token invalid.

    `another_go`: a refused token that Graph calls valid is used again, whatever the cause of the refusal.
    """

    verdict: Verdict
    report: TokenReport | None = None
    refusal: GraphError | None = None
    another_go: bool = False


def store_finding(token: AccessToken, finding: TokenFinding, now: datetime) -> None:
    """Store the result of a check, unless somebody has deleted the token meanwhile."""
    with transaction.atomic():
        check = TokenCheck.objects.select_for_update().filter(pk=token.pk).first()
        if check is None:
            return
        if finding.report:
            _copy(finding.report, check)
            _note_version(finding.report, check, now)
        if finding.verdict.problem == Problem.SECRET_WRONG != check.problem:
            _doubt_others(token, now)
        verdict = _verdict_kept(check, finding)
        check.problem, check.problem_text = verdict.problem, verdict.text[:500]
        _note_life(check, finding, now)
        check.checked_at = check.check_tried_at = now
        check.check_trouble = ""
        check.save()


def store_trouble(token: AccessToken, error: GraphError, now: datetime) -> None:
    """Store that Graph could not be asked; what was known before stays."""
    logger.warning("Token %s could not be checked: %s", token.pk, type(error).__name__)
    TokenCheck.objects.filter(pk=token.pk).update(check_tried_at=now, check_trouble=error.message[:500])


def _verdict_kept(check: TokenCheck, finding: TokenFinding) -> Verdict:
    """Give the verdict to store: a token restored from a backup stays unused until Graph has described it."""
    if check.problem == Problem.RESTORED and not (finding.report or finding.refusal):
        return Verdict(Problem.RESTORED, finding.verdict.text)
    return finding.verdict


def _note_life(check: TokenCheck, finding: TokenFinding, now: datetime) -> None:
    """Note a refusal, or its end, and the first time that the token was seen to work."""
    if finding.refusal:
        _note_refusal(check, finding.refusal, now)
    elif finding.report and _may_be_used_again(check, finding.another_go, now):
        check.refused_at, check.refused_because, check.refused_trace = None, "", ""
        check.refused_code = check.refused_subcode = None
    if finding.report and not finding.verdict.problem and check.refused_at is None:
        check.proven_at = check.proven_at or now


def _may_be_used_again(check: TokenCheck, another_go: bool, asked_at: datetime) -> bool:
    """Tell whether a valid token's refusal is over; a refusal that came after the question to Graph is not."""
    refused_before = check.refused_at is not None and check.refused_at < asked_at
    return refused_before and not check.is_wrong and (another_go or check.refused_subcode in PASSING)


def _note_refusal(check: TokenCheck, refusal: GraphError, now: datetime) -> None:
    """Keep the first refusal; add the subcode if only this check has told it."""
    if check.refused_at and check.refused_subcode is None and refusal.subcode:
        check.refused_code, check.refused_subcode = refusal.code, refusal.subcode
        check.refused_because = refusal.message
    check.mark_refused(
        because=refusal.message, at=now, code=refusal.code, subcode=refusal.subcode, trace=refusal.trace_id
    )


def _doubt_others(token: AccessToken, now: datetime) -> None:
    """Have an app's other tokens checked, as far as they seem well: the app's secret has turned out to be wrong."""
    app = token.asset.signing_app
    others = TokenCheck.objects.filter(token__in=tokens_issued_by(app.pk) if app else []).exclude(pk=token.pk)
    others.filter(problem="", refused_at=None).update(doubted_at=now)


def _note_version(report: TokenReport, check: TokenCheck, now: datetime) -> None:
    """Note since when Graph answers with another version than is asked for."""
    differs = bool(report.version_served) and report.version_served != report.version_asked
    is_known = (check.version_asked, check.version_served) == (report.version_asked, report.version_served)
    since = check.version_differs_since if is_known else None
    check.version_asked, check.version_served = report.version_asked, report.version_served
    check.version_differs_since = (since or now) if differs else None


def _copy(report: TokenReport, check: TokenCheck) -> None:
    check.told_kind, check.issuing_app, check.speaks_for_page = report.kind, report.app_id, report.page_id
    check.expires_at, check.data_access_ends_at = report.expires_at, report.data_access_ends_at
    check.scopes = list(report.scopes)
