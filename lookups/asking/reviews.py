"""Open and close a review, error (#200); hold and release its lookups.

Meta tells neither how long a review lasts nor when it ends; one held lookup, sent now and then, finds out.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from businesses.credentials import Missing, credential_for
from businesses.models import Business
from lookups.models import Answer, HeldFor, Lookup, PolicyReview, Question, State
from lookups.models.scoped_id import asset_of

PROBE_AT_MOST_EVERY = timedelta(hours=1)


def open_review(business: Business) -> PolicyReview | None:
    """Give the business's open review, if there is one."""
    return PolicyReview.objects.filter(business=business, closed_at=None).first()


def note_review(business: Business, answer: Answer) -> PolicyReview:
    """Record that Graph answered (#200): open the review or prolong it, and hold all that waits.

    Called inside the transaction that stores the answer, with the business's row locked.
    """
    facts = {
        "last_answer_at": answer.at,
        "next_probe_at": answer.at + _probe_interval(),
        "code": answer.code or 200,
        "message": answer.message,
        "trace_id": answer.trace_id,
    }
    review, opened = PolicyReview.objects.get_or_create(
        business=business, closed_at=None, defaults={**facts, "opened_at": answer.at}
    )
    if not opened:
        PolicyReview.objects.filter(pk=review.pk).update(**facts, answers=F("answers") + 1)
    Lookup.objects.filter(business=business, state=State.WAITING).update(
        state=State.HELD, held_for=HeldFor.REVIEW, is_probe=False, not_before=None
    )
    return review


def close_review(business: Business, at: datetime) -> int:
    """End the business's review and release its held lookups; returns how many."""
    if not PolicyReview.objects.filter(business=business, closed_at=None).update(closed_at=at):
        return 0
    held = Lookup.objects.filter(business=business, state=State.HELD, held_for=HeldFor.REVIEW)
    return held.let_go()


def release_strays() -> int:
    """Release lookups held by no open review: stored as held in the moment in which it ended."""
    open_reviews = PolicyReview.objects.filter(business=OuterRef("business"), closed_at=None)
    strays = Lookup.objects.filter(state=State.HELD, held_for=HeldFor.REVIEW).exclude(Exists(open_reviews))
    return strays.let_go()


def earliest_probe(review: PolicyReview) -> datetime:
    """When the next probe may be sent at the earliest, whoever asks for it."""
    last = max(review.last_answer_at, review.last_probe_at or review.last_answer_at)
    return last + min(PROBE_AT_MOST_EVERY, timedelta(hours=settings.IDLINK_PROBE_HOURS))


def send_probe(review: PolicyReview, *, now: datetime) -> bool:
    """Let one held lookup, the oldest that has a token, be asked although the review is open.

    False if there is none, if a probe is under way, or if the last one was less than an hour ago.
    """
    lookups = Lookup.objects.filter(business=review.business)
    # A name is no answer of the API under review: it would say nothing.
    held = lookups.filter(state=State.HELD, held_for=HeldFor.REVIEW, question=Question.LINKS)
    oldest = held.filter(_has_token(held)).order_by("pk").first()
    under_way = lookups.filter(is_probe=True).unfinished().exists()
    if oldest is None or under_way or now < earliest_probe(review):
        return False
    PolicyReview.objects.filter(pk=review.pk).update(last_probe_at=now, next_probe_at=now + _probe_interval())
    sent = held.filter(pk=oldest.pk).update(state=State.WAITING, held_for="", is_probe=True, tries=0)
    return bool(sent)


def _has_token(held: "QuerySet[Lookup]") -> Q:
    """Those of apps and Pages that can be asked: a dead token would use up probe after probe."""
    scopes = held.order_by().values_list("app_id", "page_id").distinct()
    can = [(app, page) for app, page in scopes if not isinstance(credential_for(asset_of(app, page)), Missing)]
    return Q(app__in=[app for app, _ in can if app]) | Q(page__in=[page for _, page in can if page])


def due_for_probe(now: datetime) -> list[PolicyReview]:
    """Give the open reviews whose next probe is due."""
    return list(PolicyReview.objects.filter(closed_at=None, next_probe_at__lte=now).select_related("business"))


def _probe_interval() -> timedelta:
    # Spread a little, so that several businesses are not probed in one moment.
    return timedelta(hours=settings.IDLINK_PROBE_HOURS * random.uniform(1, 1.1))  # noqa: S311  (not a secret)
