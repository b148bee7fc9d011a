"""Which apps and Pages of a business can be asked at this moment, and what keeps the others."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from businesses.models import Business
from lookups.asking.planning import plan
from lookups.models import QuotaPool, ScopedID
from lookups.models.scoped_id import asset_of

QUOTA = "quota"
WORDS = {
    "token_refused": "a token that Graph refused",
    "no_token": "no token",
    "no_secret": "no app secret",
    "secret_wrong": "an app secret that Graph does not take",
    "secret_doubted": "an app secret that Graph did not take",
    "no_managing_app": "no managing app set",
    "not_owned": "another business as its owner",
    "unreadable": "a token or secret that can't be decrypted",
    QUOTA: "a limit of calls",
}


class Standing:
    """What planning says of each app and Page, asked once for each; for bulk work, so a pausing pool counts, too."""

    def __init__(self, business: Business, now: datetime) -> None:
        self._codes: dict[tuple[int | None, int | None], str] = {}
        pools = QuotaPool.objects.filter(business=business)
        pausing = pools.filter(Q(wait_until__gt=now) | Q(bulk_wait_until__gt=now))
        self._pausing = set(pausing.values_list("app", "page"))

    def why_not(self, app_pk: int | None, page_pk: int | None) -> str:
        """Say by a code why IDs of this app or Page can't be asked now; empty if they can."""
        key = (app_pk, page_pk)
        if key not in self._codes:
            planned = plan(asset_of(app_pk, page_pk))
            code = "" if planned.allowed else planned.reasons[-1].code
            self._codes[key] = code or (QUOTA if key in self._pausing else "")
        return self._codes[key]

    @property
    def closed(self) -> Q:
        """As a condition on scoped IDs: those that were found not to be askable so far."""
        shut = [key for key, code in self._codes.items() if code]
        apps = [app for app, _ in shut if app is not None]
        pages = [page for _, page in shut if page is not None]
        return Q(app__in=apps) | Q(page__in=pages)


def look_at_all(business: Business, scoped_ids: "QuerySet[ScopedID]", now: datetime) -> Standing:
    """Give the standing with every app and Page of these IDs looked at."""
    standing = Standing(business, now)
    scopes: Any = scoped_ids.order_by().values("app", "page").distinct()
    for row in scopes:
        standing.why_not(row["app"], row["page"])
    return standing
