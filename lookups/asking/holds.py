"""Hold lookups, and release them. They wait for a review, error (#200), to end, or for a working token or secret.

No accepted lookup is lost: a held lookup goes on by itself when its wait is over. Meta says neither how long a
review lasts nor when it ends, so one held lookup is sent now and then as a probe.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet

from businesses.credentials import Choice, choices_for, secret_doubted
from businesses.models import Asset, Business
from lookups.evidence.refusals import told_of
from lookups.graph import TokenRefused
from lookups.models import Answer, HeldFor, Lookup, PolicyReview, Question, State
from lookups.models.lookup_life import NO_OUTCOMES
from lookups.models.outcomes import Outcome
from lookups.models.policy_review import under_review

PROBE_AT_MOST_EVERY = timedelta(hours=1)

_OUTCOMES = {
    "token_refused": Outcome.TOKEN,
    "token_wrong": Outcome.TOKEN,
    "token_restored": Outcome.TOKEN,
    "secret_wrong": Outcome.PROOF,
    "secret_doubted": Outcome.PROOF,
}


def hold_for_secret(lookup: Lookup) -> None:
    """Hold a lookup whose signature Graph refused until its app has a working secret; the caller saves."""
    missing = secret_doubted(lookup.asset.signing_app or lookup.asset)
    lookup.hold(HeldFor.TOKEN, why=f"{missing.text} {missing.remedy}", outcome=Outcome.PROOF)


def hold_for_token(lookup: Lookup, refusal: TokenRefused) -> None:
    """Hold a lookup whose token Graph refused until there is another token; the caller saves."""
    lookup.hold(HeldFor.TOKEN, why=told_of(refusal, lookup.asset), outcome=Outcome.TOKEN)


def outcome_without(code: str) -> Outcome:
    """Name the outcome of a question that lacks its token or secret; `code` says what is missing."""
    return _OUTCOMES.get(code, Outcome.NOT_ASKED)


def put_back(lookups: Sequence[Lookup], for_what: HeldFor, *, why: str = "", outcome: str = "") -> None:
    """Hold claimed lookups that were not sent."""
    for lookup in lookups:
        lookup.hold(for_what, why=why, outcome=outcome)
        lookup.store_if_still_ours()


def release_for_tokens() -> int:
    """Release the lookups that waited for a token and have one now; gives how many."""
    waiting = Lookup.objects.held(HeldFor.TOKEN)
    return sum(waiting.filter(asset=asset).release(**NO_OUTCOMES) for asset in _askable_assets(waiting))


def _askable_assets(lookups: "QuerySet[Lookup]") -> list[Asset]:
    """Give the apps and Pages of these lookups that have a working token and secret."""
    assets = Asset.objects.filter(pk__in=lookups.order_by().values("asset").distinct()).select_related("business")
    return [asset for asset, choice in choices_for(assets).items() if isinstance(choice, Choice)]


def open_review(business: Business) -> PolicyReview | None:
    """Give the business's open review, if there is one."""
    return PolicyReview.objects.open().filter(business=business).first()


def note_review(business: Business, answer: Answer) -> PolicyReview:
    """Record that Graph answered (#200): open the review or prolong it, and hold all waiting lookups.

    The caller is inside the transaction that stores the answer, and has locked the business's row.
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
    Lookup.objects.filter(business=business, state=State.WAITING).hold(HeldFor.REVIEW)
    return review


def close_review(business: Business, at: datetime) -> int:
    """End the business's review and release its held lookups; returns how many."""
    if not PolicyReview.objects.open().filter(business=business).update(closed_at=at):
        return 0
    return Lookup.objects.filter(business=business).held(HeldFor.REVIEW).release()


def release_strays() -> int:
    """Release lookups that are held for a review which is over: they were stored at the moment when it ended."""
    return Lookup.objects.held(HeldFor.REVIEW).exclude(under_review()).release()


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
    oldest = held.filter(asset__in=_askable_assets(held)).order_by("pk").first()  # a probe with a dead token is wasted
    under_way = lookups.filter(is_probe=True).unfinished().exists()
    if oldest is None or under_way or now < earliest_probe(review):
        return False
    PolicyReview.objects.filter(pk=review.pk).update(last_probe_at=now, next_probe_at=now + _probe_interval())
    return bool(held.filter(pk=oldest.pk).probe())


def due_for_probe(now: datetime) -> list[PolicyReview]:
    """Give the open reviews whose next probe is due."""
    return list(PolicyReview.objects.open().filter(next_probe_at__lte=now).select_related("business"))


def _probe_interval() -> timedelta:
    # A random part, so that several businesses are not probed at the same moment.
    return timedelta(hours=settings.IDLINK_PROBE_HOURS * random.uniform(1, 1.1))  # noqa: S311  (not a secret)
