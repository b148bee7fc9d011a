"""Find the apps and Pages of a business whose IDs bulk work can ask about now, and why it can't ask about others."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from businesses.models import Asset, Business
from businesses.reasons import REASONS
from lookups.asking.planning import plans
from lookups.models import QuotaPool, ScopedID

QUOTA = "quota"


class AskableAssets:
    """Whether bulk work can ask about IDs of each app and Page, planned once for each.

    An app or Page counts as closed if planning refuses it, or while bulk work pauses for it.
    """

    def __init__(self, business: Business, now: datetime) -> None:
        self._codes: dict[int, str] = {}
        pausing = QuotaPool.objects.filter(Q(wait_until__gt=now) | Q(bulk_wait_until__gt=now), business=business)
        self._pausing = set(pausing.values_list("asset", flat=True))

    def look_at(self, assets: Collection[int]) -> None:
        """Plan for the assets among these that have no plan yet, in a few queries for any number of assets."""
        unseen = set(assets) - self._codes.keys()
        for asset, planned in plans(Asset.objects.filter(pk__in=unseen)).items() if unseen else ():
            code = "" if planned.allowed else planned.reasons[-1].code
            self._codes[asset.pk] = code or (QUOTA if asset.pk in self._pausing else "")

    def why_not(self, asset: int) -> str:
        """Give the code of the reason why IDs of this app or Page can't be asked about now; empty if they can."""
        self.look_at([asset])
        return self._codes[asset]

    @property
    def closed(self) -> Q:
        """A condition for a query of scoped IDs: the ID's app or Page was looked at and is closed."""
        return Q(asset__in=[asset for asset, code in self._codes.items() if code])


def askable_of(business: Business, scoped_ids: "QuerySet[ScopedID]", now: datetime) -> AskableAssets:
    """Look at every app and Page of these IDs."""
    askable = AskableAssets(business, now)
    askable.look_at(list(scoped_ids.order_by().values_list("asset", flat=True).distinct()))
    return askable


def words_of(code: str) -> str:
    """Give the words for a code, as the end of "wait for ...": what the IDs wait for that can't be asked about."""
    return REASONS[code].short if code in REASONS else code
