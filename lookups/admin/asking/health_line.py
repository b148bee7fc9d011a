"""The first lines of the start page: each business's state in one sentence. Reads stored counts, counts nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from businesses.access import businesses_of, visible
from businesses.models import AccessToken, Business
from lookups.models import FreshnessCount, PolicyReview
from lookups.tokens.overview import alarms

MOST_SHOWN = 5


@dataclass(frozen=True)
class HealthLine:
    """The facts of one sentence: `count` is the last count; tokens and review are those of now."""

    business: Business
    count: FreshnessCount | None
    tokens: int
    review: PolicyReview | None

    @property
    def is_well(self) -> bool:
        """Whether nothing in it needs a person."""
        return not self.tokens and self.review is None and (not self._counted or self._counted.is_met)

    @property
    def _counted(self) -> FreshnessCount | None:
        return self.count if self.count and self.count.counted_at and self.count.ids else None


def health_lines(user: Any, now: datetime) -> list[HealthLine]:
    """Give a line for each of the user's businesses, at most five of them."""
    mine = list(businesses_of(user)[:MOST_SHOWN])
    counts = {count.business_id: count for count in FreshnessCount.objects.filter(business__in=mine)}
    reviews = {one.business_id: one for one in PolicyReview.objects.open().filter(business__in=mine)}
    tokens = visible(AccessToken.objects.filter(business__in=mine), user)
    needy = {alarm.business_pk: alarm.dead + alarm.ending for alarm in alarms(tokens, now)}
    return [HealthLine(one, counts.get(one.pk), needy.get(one.pk, 0), reviews.get(one.pk)) for one in mine]
