"""Probes: Meta says neither how long a review lasts nor when it ends, so one held lookup is sent now and then."""

import random
from datetime import datetime, timedelta

from django.conf import settings

from lookups.asking.planning import assets_with_credential
from lookups.models import HeldFor, Lookup, PolicyReview, Question

PROBE_AT_MOST_EVERY = timedelta(hours=1)


def earliest_probe(review: PolicyReview) -> datetime:
    """Give the earliest time of the next probe, whether a staff member or the scheduler sends it."""
    last = max(review.last_answer_at, review.last_probe_at or review.last_answer_at)
    return last + min(PROBE_AT_MOST_EVERY, timedelta(hours=settings.IDLINK_PROBE_HOURS))


def send_probe(review: PolicyReview, *, now: datetime) -> bool:
    """Release the oldest held lookup that has a token, so that it is asked although the review is open.

    Gives False if there is no such lookup, if a probe is under way, or if the last one was less than an hour ago.
    """
    lookups = Lookup.objects.filter(business=review.business)
    # Only questions for links can be probes: names are not read with the API under review.
    held = lookups.held(HeldFor.REVIEW).filter(question=Question.LINKS)
    # A probe with a dead token would be wasted.
    oldest = held.filter(asset__in=assets_with_credential(held)).order_by("pk").first()
    under_way = lookups.filter(is_probe=True).unfinished().exists()
    if oldest is None or under_way or now < earliest_probe(review):
        return False
    PolicyReview.objects.filter(pk=review.pk).update(last_probe_at=now, next_probe_at=now + probe_interval())
    return bool(held.filter(pk=oldest.pk).probe())


def due_for_probe(now: datetime) -> list[PolicyReview]:
    """Give the open reviews whose next probe is due."""
    return list(PolicyReview.objects.open().filter(next_probe_at__lte=now).select_related("business"))


def probe_interval() -> timedelta:
    """Give the time until the next probe."""
    # A random part, so that several businesses are not probed at the same moment.
    return timedelta(hours=settings.IDLINK_PROBE_HOURS * random.uniform(1, 1.1))  # noqa: S311  (not a secret)
