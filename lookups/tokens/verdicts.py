"""Whether a stored token is the one that is needed here, judged by debug_token's report. Pure."""

from dataclasses import dataclass
from datetime import datetime

from businesses.models import Problem
from lookups.graph import TokenReport

NEEDED_SCOPE = "pages_messaging"


@dataclass(frozen=True)
class Expected:
    """The app that should have made a token, and the Page that a page access token should speak for."""

    app_id: str
    app_name: str
    page_id: str = ""
    page_name: str = ""


@dataclass(frozen=True)
class Verdict:
    """A problem, as a code and in words; both are empty if the token is right."""

    problem: str = ""
    text: str = ""


RIGHT = Verdict()


def token_verdict(report: TokenReport, expected: Expected, *, now: datetime) -> Verdict:
    """Judge a valid token; gives its worst problem."""
    wrong = _wrong_kind(report, expected) or _wrong_app(report, expected) or _wrong_page(report, expected)
    if wrong:
        return wrong
    if report.data_access_ends_at and report.data_access_ends_at <= now:
        return Verdict(
            Problem.DATA_ACCESS, f"Its access to people's data ended on {report.data_access_ends_at:%d %b %Y}."
        )
    if expected.page_id and NEEDED_SCOPE not in report.scopes:
        return Verdict(
            Problem.NO_PERMISSION, f"The permission {NEEDED_SCOPE} is missing; the IDs of a Page's people need it."
        )
    if expected.page_id and not report.is_granted(NEEDED_SCOPE, expected.page_id):
        return Verdict(
            Problem.NO_PERMISSION, f"The permission {NEEDED_SCOPE} was granted for other Pages, not for this one."
        )
    return RIGHT


def of_another_app(expected: Expected, maker: str) -> Verdict:
    """Give the verdict that another app made the token; `maker` names that app, empty if it is unknown."""
    which = f"by {maker}, not" if maker else "by another app, not"
    role = "which manages this Page" if expected.page_id else "for which it was saved"
    return Verdict(Problem.WRONG_APP, f"It was made {which} by “{expected.app_name}”, {role}.")


def _wrong_kind(report: TokenReport, expected: Expected) -> Verdict | None:
    kind = "PAGE" if expected.page_id else "APP"
    if report.kind in (kind, ""):
        return None
    names = {"APP": "an app access token", "PAGE": "a page access token", "USER": "a user's access token"}
    given = names.get(report.kind, "a system user's access token" if report.kind == "SYSTEM_USER" else report.kind)
    return Verdict(Problem.WRONG_KIND, f"It is {given}; needed here is {names[kind]}.")


def _wrong_app(report: TokenReport, expected: Expected) -> Verdict | None:
    if report.app_id == expected.app_id:
        return None
    return of_another_app(expected, f"the app {report.app_id}" if report.app_id else "")


def _wrong_page(report: TokenReport, expected: Expected) -> Verdict | None:
    if report.page_id == expected.page_id or not expected.page_id:
        return None
    whose = f"of the Page {report.page_id}" if report.page_id else "of no Page that Graph would name"
    return Verdict(Problem.WRONG_PAGE, f"It is {whose}, not of “{expected.page_name}” ({expected.page_id}).")
