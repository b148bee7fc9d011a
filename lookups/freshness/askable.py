"""Which of a business's apps and Pages bulk work can ask about at this moment, and what keeps it from the others."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from businesses.models import Asset, Business
from businesses.reasons import REASONS
from lookups.asking.planning import plans
from lookups.models import QuotaPool, ScopedID

QUOTA = "quota"


class AskableAssets:
    """What planning says of each app and Page, asked once for each; one at which bulk work pauses is closed, too."""

    def __init__(self, business: Business, now: datetime) -> None:
        self._codes: dict[int, str] = {}
        pausing = QuotaPool.objects.filter(Q(wait_until__gt=now) | Q(bulk_wait_until__gt=now), business=business)
        self._pausing = set(pausing.values_list("asset", flat=True))

    def look_at(self, assets: Collection[int]) -> None:
        """Plan for those of these that were not looked at yet, in a few queries however many they are."""
        unseen = set(assets) - self._codes.keys()
        for asset, planned in plans(Asset.objects.filter(pk__in=unseen)).items() if unseen else ():
            code = "" if planned.allowed else planned.reasons[-1].code
            self._codes[asset.pk] = code or (QUOTA if asset.pk in self._pausing else "")

    def why_not(self, asset: int) -> str:
        """Say by a code why IDs of this app or Page can't be asked about now; empty if they can."""
        self.look_at([asset])
        return self._codes[asset]

    @property
    def closed(self) -> Q:
        """As a condition on scoped IDs: those that were found not to be askable so far."""
        return Q(asset__in=[asset for asset, code in self._codes.items() if code])


def askable_of(business: Business, scoped_ids: "QuerySet[ScopedID]", now: datetime) -> AskableAssets:
    """Look at every app and Page of these IDs."""
    askable = AskableAssets(business, now)
    askable.look_at(list(scoped_ids.order_by().values_list("asset", flat=True).distinct()))
    return askable


def words_of(code: str) -> str:
    """Say what IDs wait for that can't be asked about, as the end of "wait for ..."."""
    return REASONS[code].short if code in REASONS else code
