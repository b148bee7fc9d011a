"""Hold lookups, and release them. They wait for a review, error (#200), to end, or for a working token or secret.

No accepted lookup is lost: a held lookup goes on by itself when its wait is over. `probes` finds out when a review is.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from businesses.credentials import secret_doubted
from businesses.models import Business
from lookups.asking.planning import assets_with_credential
from lookups.asking.probes import probe_interval
from lookups.evidence.refusals import told_of
from lookups.graph import TokenRefused
from lookups.models import Answer, HeldFor, Lookup, PolicyReview, State
from lookups.models.lookup_life import NO_OUTCOMES
from lookups.models.outcomes import Outcome
from lookups.models.policy_review import under_review

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
    return sum(waiting.filter(asset=asset).release(**NO_OUTCOMES) for asset in assets_with_credential(waiting))


def open_review(business: Business) -> PolicyReview | None:
    """Give the business's open review, if there is one."""
    return PolicyReview.objects.open().filter(business=business).first()


def note_review(business: Business, answer: Answer) -> PolicyReview:
    """Record that Graph answered (#200): open the review or prolong it, and hold all waiting lookups.

    The caller is inside the transaction that stores the answer, alone with the business.
    """
    facts = {
        "last_answer_at": answer.at,
        "next_probe_at": answer.at + probe_interval(),
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
