"""The story of a review: what happened so far, how long other reviews took, what waits. Cheap at any size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from lookups.models import Answer, HeldFor, Lookup, PolicyReview, Run

MOST_SEEN = 5
LONG_AGO_TOLD = "older documents of Meta's spoke of about 48 hours"


@dataclass(frozen=True)
class ReviewMoment:
    """One past or coming event of a review, with the trace ID and the lookup that showed it, if any."""

    at: datetime
    text: str
    trace_id: str = ""
    lookup: Lookup | None = None
    is_to_come: bool = False


def story_of(review: PolicyReview) -> dict[str, Any]:
    """Give what the review's page shows besides the review's own fields."""
    held = held_by(review)
    return {
        "moments": _moments(review),
        "held": held.count(),
        "runs": list(_runs(held)),
        "seen_before": seen_before(review),
        "took": review.closed_at - review.opened_at if review.closed_at else None,
        "told_before": LONG_AGO_TOLD,
    }


def held_by(review: PolicyReview) -> QuerySet[Lookup]:
    """Give the lookups that wait for the end of this review; none once it has ended."""
    if review.closed_at:
        return Lookup.objects.none()
    return Lookup.objects.filter(business=review.business_id).held(HeldFor.REVIEW)


def seen_before(review: PolicyReview) -> list[timedelta]:
    """Give how long this business's other reviews took, the latest first."""
    ended = PolicyReview.objects.filter(business=review.business_id, closed_at__isnull=False).exclude(pk=review.pk)
    times = ended.order_by("-opened_at").values_list("opened_at", "closed_at")[:MOST_SEEN]
    return [closed - opened for opened, closed in times if closed]


def _runs(held: QuerySet[Lookup]) -> QuerySet[Run]:
    lists = held.filter(run__kind__in=(Run.Kind.LIST, Run.Kind.REFRESH)).order_by().values("run").distinct()
    return Run.objects.filter(pk__in=lists).select_related("list_file").order_by("-pk")[:10]


def _moments(review: PolicyReview) -> list[ReviewMoment]:
    first = _first_answer(review)
    moments = [
        ReviewMoment(
            review.opened_at,
            "Graph answered with (#200) for the first time. All that waited was held within that batch.",
            first.trace_id if first else (review.trace_id if review.answers == 1 else ""),
            first.lookup if first else None,
        )
    ]
    if review.mailed_at:
        moments.append(ReviewMoment(review.mailed_at, "The business's admins were told by e-mail."))
    if review.last_probe_at:
        moments.append(
            ReviewMoment(review.last_probe_at, "One held lookup was sent to see whether the review is over.")
        )
    if review.answers > 1:
        times = f"{review.answers:,} times in all"
        moments.append(
            ReviewMoment(review.last_answer_at, f"Graph last answered with (#200), {times}.", review.trace_id)
        )
    if review.closed_at:
        moments.append(ReviewMoment(review.closed_at, "Graph answered again. What was held went on by itself."))
    else:
        moments.append(ReviewMoment(review.next_probe_at, "The next held lookup is sent by itself.", is_to_come=True))
    return sorted(moments, key=lambda one: (one.is_to_come, one.at))


def _first_answer(review: PolicyReview) -> Answer | None:
    """Find the answer that opened a review, among the held lookups that were sent: these are few, and indexed."""
    sent = Q(lookup__in=held_by(review).filter(attempt__gt=0))
    answers = Answer.objects.filter(sent, error="UnderPolicyReview", at__gte=review.opened_at)
    return answers.select_related("lookup").order_by("at", "pk").first()
