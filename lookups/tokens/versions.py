"""Whether the version of Graph that idlink asks for is still served, in words for *Token health*. Calls nobody."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Min, QuerySet

from businesses.models import AccessToken
from lookups.graph import LAST_DAYS

WARN_BEFORE = timedelta(days=90)
_REMEDY = "Whoever runs idlink sets a newer version as IDLINK_GRAPH_VERSION and starts idlink anew."


def version_warning(tokens: "QuerySet[AccessToken]", now: datetime) -> str:
    """Say that Graph serves another version than is asked for, and since when, or that it soon will; else empty.

    `tokens` are those whose checks may be looked at.
    """
    asked = settings.IDLINK_GRAPH_VERSION
    return _served_another(tokens, asked) or _ends(asked, LAST_DAYS.get(asked), now.date())


def _served_another(tokens: "QuerySet[AccessToken]", asked: str) -> str:
    differing = tokens.filter(last_check__version_asked=asked, last_check__version_differs_since__isnull=False)
    found = (
        differing.order_by()
        .values_list("last_check__version_served")
        .annotate(since=Min("last_check__version_differs_since"))
        .order_by("since")
        .first()
    )
    if found is None:
        return ""
    served, since = found
    return (
        f"Graph answers with version {served} in place of {asked}, seen since {since:%d %b %Y}: Meta has retired "
        f"{asked}. {_REMEDY}"
    )


def _ends(asked: str, last_day: date | None, today: date) -> str:
    if last_day is None or last_day > today + WARN_BEFORE:
        return ""
    if last_day <= today:
        return f"Graph's version {asked} ended on {last_day:%d %b %Y}; another one answers in its place. {_REMEDY}"
    return f"Graph's version {asked} ends on {last_day:%d %b %Y}; then another one answers in its place. {_REMEDY}"
