"""Record what replies show besides links: reviews that begin or end, refused tokens, limits and trouble of Graph's."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeGuard

from django.db.models import Value
from django.db.models.functions import Coalesce

from businesses.credentials import mark_refused
from businesses.models import Business, TokenCheck
from lookups.asking import holds, pacing
from lookups.asking.reports import AskedBatch, Reported
from lookups.graph import (
    GraphError,
    ProofRefused,
    TokenRefused,
    TooManyCalls,
    TryLater,
    UnderPolicyReview,
    UnexpectedAnswer,
)
from lookups.models import Answer


def note_review_of(business: Business, ours: Sequence[Reported], answers: dict[int, Answer], now: datetime) -> None:
    """Open or prolong the business's review, or close it when its probe was answered.

    Only the probe can close the review: other answers may belong to questions sent before it began.
    """
    refusals = [item for item in ours if isinstance(item.failure, UnderPolicyReview)]
    if refusals:
        holds.note_review(business, answers[refusals[-1].lookup.pk])
    elif any(item.lookup.is_probe and not item.failure for item in ours):
        holds.close_review(business, now)


def note_token(batch: AskedBatch, now: datetime) -> None:
    """Record that Graph refused a batch's token or signature, or that the token works."""
    ours, credential = batch.reported, batch.credential
    refused = next((item.failure for item in ours if isinstance(item.failure, TokenRefused)), None)
    if refused:
        mark_refused(
            credential.token_pk,
            because=refused.message,
            at=now,
            code=refused.code,
            subcode=refused.subcode,
            trace=refused.trace_id,
        )
    elif any(isinstance(item.failure, ProofRefused) for item in ours):
        # Doubted from the time of the call: the doubt must not fall on a secret that was saved after it.
        TokenCheck.objects.filter(token=credential.token_pk).update(doubted_at=batch.asked_at)
    elif any(not isinstance(item.reply, GraphError) for item in ours):
        proven_at = Coalesce("proven_at", Value(now))
        TokenCheck.objects.filter(token=credential.token_pk).update(last_used_at=now, proven_at=proven_at)


def note_pace(ours: Sequence[Reported], asked_at: datetime, now: datetime) -> None:
    """Record for all workers how Graph takes our calls: a limit if one was hit, else trouble, else the usage."""
    if not ours:
        return
    asset = ours[0].lookup.asset
    troubles = [item.failure for item in ours if _is_no_answer(item.failure)]
    limit = next((error for error in troubles if isinstance(error, TooManyCalls)), None)
    answered = [item.reply for item in ours if not isinstance(item.reply, GraphError)]
    if limit or len(troubles) == len(ours):
        pacing.note_error(asset, limit or troubles[0], asked_at=asked_at, now=now)
    elif answered:
        pacing.note_answer(asset, answered[-1].receipt.usage, now=now)
    else:
        pacing.note_refusal(asset)


def _is_no_answer(failure: GraphError | None) -> TypeGuard[GraphError]:
    """Tell whether Graph did not answer: Graph failed, or something between us and Graph answered instead.

    Behind a bad certificate or a login portal every call fails, so bulk work must pause. An error with an unknown
    code comes from Graph, and so is an answer.
    """
    return isinstance(failure, TryLater) or (isinstance(failure, UnexpectedAnswer) and failure.code is None)
