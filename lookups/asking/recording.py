"""Write down what became of claimed lookups: answers, links, names, reviews, refused tokens.

One durable transaction for some batches of a business, with its row locked; a lookup is written only while
its attempt is still ours, so a worker that lost its lease changes nothing.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from businesses.credentials import Credential, mark_refused
from businesses.models import AccessToken, Business
from lookups.asking import pacing, reviews
from lookups.asking.holding import secret_columns, token_columns
from lookups.asking.retry_budget import RetryBudget
from lookups.asking.tallies import count_endings, ending_of
from lookups.evidence import profiles
from lookups.evidence.learning import learn_links, outcome_of
from lookups.graph import (
    GraphError,
    LinksAnswer,
    ProfileAnswer,
    ProofRefused,
    TokenRefused,
    TooManyCalls,
    TryLater,
    UnderPolicyReview,
    UnexpectedAnswer,
)
from lookups.models import Answer, HeldFor, Lane, Lookup, Question, Run, ScopedID, State, bulk
from lookups.models.outcomes import Outcome
from lookups.models.scoped_id import scope_of

Reply = LinksAnswer | ProfileAnswer | GraphError

LONGEST_WAIT = timedelta(hours=6)
MOST_ATTEMPTS = 30_000  # the column holds 32,767; claiming one more would fail, and with it all that is due
_RESULT_COLUMNS = [
    "state", "is_probe", "lease_until", "tries", "not_before", "finished_at", "apps_outcome", "pages_outcome", "why",
    "held_for", "ending",
]  # fmt: skip


@dataclass(frozen=True)
class Reported:
    """A claimed lookup and what Graph replied."""

    lookup: Lookup
    reply: Reply


@dataclass(frozen=True)
class Batch:
    """Lookups that were asked about together, with one credential, at `asked_at`."""

    reported: Sequence[Reported]
    credential: Credential
    asked_at: datetime


def record(reported: Sequence[Reported], credential: Credential, *, asked_at: datetime, now: datetime) -> None:
    """Store the replies to lookups of one business, all asked with one credential, at `asked_at`."""
    record_together([Batch(reported, credential, asked_at)], now=now)


def record_together(batches: Sequence[Batch], *, now: datetime) -> None:
    """Store the replies to some batches of one business: one by one they would cost many more statements."""
    with transaction.atomic(durable=True):
        business_pk = batches[0].reported[0].lookup.business_id
        business = Business.objects.select_for_update(no_key=True).get(pk=business_pk)
        mine = _still_ours(batches)
        ours = [item for batch in mine for item in batch.reported]
        answers = _store_answers(mine, now)
        told = [(answers[item.lookup.pk], item.reply) for item in ours]
        due = learn_links(business, told)
        profiles.learn(business, told)
        for batch in mine:
            _note_review(business, batch.reported, answers, now)
            _note_token(batch, now)
            _note_pace(batch.reported, batch.asked_at, now)
        budget = RetryBudget(ours)
        for item in ours:
            _settle(item, budget, now)
        budget.save()
        _ask_the_other_side(business, due, now)
        bulk.update([item.lookup for item in ours], [*_RESULT_COLUMNS, "scoped_id"])
        count_endings(item.lookup for item in ours)


def _ask_the_other_side(business: Business, due: Sequence[ScopedID], now: datetime) -> None:
    """Let the IDs be asked about that an answer no longer gave: theirs says whether the link is gone."""
    under_way = Lookup.objects.filter(scoped_id__in=due, question=Question.LINKS).unfinished()
    busy = set(under_way.values_list("scoped_id", flat=True)) if due else set()
    wanted = [scoped_id for scoped_id in due if scoped_id.pk not in busy]
    if not wanted:
        return
    run = Run.objects.create(business=business, kind=Run.Kind.CHECK, created_at=now)
    Lookup.objects.bulk_create(
        Lookup(
            business=business,
            run=run,
            **scope_of(scoped_id.asset),
            value=scoped_id.value,
            scoped_id=scoped_id,
            lane=Lane.BULK,
            created_at=now,
        )
        for scoped_id in wanted
    )


def record_not_asked(lookups: Sequence[Lookup], outcome: Outcome, why: str, *, now: datetime) -> None:
    """Store that these claimed lookups were not sent, and why."""
    for lookup in lookups:
        for column in _outcome_columns(lookup):
            setattr(lookup, column, outcome)
        lookup.state, lookup.finished_at, lookup.lease_until, lookup.why = State.DONE, now, None, why
        lookup.ending = ending_of(lookup)
        columns = {column: getattr(lookup, column) for column in _RESULT_COLUMNS}
        mine = Lookup.objects.filter(pk=lookup.pk, attempt=lookup.attempt, state=State.CLAIMED)
        with transaction.atomic():
            if mine.update(**columns):
                count_endings([lookup])


def record_held(lookups: Sequence[Lookup]) -> None:
    """Put claimed lookups back as held: their business came under review meanwhile."""
    for lookup in lookups:
        mine = Lookup.objects.filter(pk=lookup.pk, attempt=lookup.attempt, state=State.CLAIMED)
        mine.update(state=State.HELD, held_for=HeldFor.REVIEW, lease_until=None)


def _still_ours(batches: Sequence[Batch]) -> list[Batch]:
    """Give of each batch what is still ours."""
    keys = [item.lookup.pk for batch in batches for item in batch.reported]
    rows = Lookup.objects.filter(pk__in=keys, state=State.CLAIMED)
    # Locked in one order, so that two workers of which one has lost its lease don't wait for each other.
    attempts = dict(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", "attempt"))
    # Copies: if this can't be stored, the lookups must be as they were for another go.
    return [
        replace(
            batch,
            reported=[
                replace(one, lookup=bulk.twin(one.lookup))
                for one in batch.reported
                if attempts.get(one.lookup.pk) == one.lookup.attempt
            ],
        )
        for batch in batches
    ]


def _store_answers(batches: Sequence[Batch], now: datetime) -> dict[int, Answer]:
    answers = [_answer(item, batch.credential, now) for batch in batches for item in batch.reported]
    bulk.insert(answers)
    return {answer.lookup_id: answer for answer in answers}


def _answer(item: Reported, credential: Credential, now: datetime) -> Answer:
    lookup, reply = item.lookup, item.reply
    asked = ",".join(lookup.edges) or "name"
    common = {
        "business_id": lookup.business_id,
        "lookup": lookup,
        "attempt": lookup.attempt,
        "edges": asked,
        "token_fingerprint": credential.fingerprint,
        "calling_app_id": credential.app_pk,
    }
    if isinstance(reply, GraphError):
        return bulk.new(
            Answer,
            **common,
            at=now,
            complete=False,
            http_status=reply.http_status,
            trace_id=reply.trace_id or "",
            version_asked=settings.IDLINK_GRAPH_VERSION,
            **_error_columns(reply),
        )
    receipt = reply.receipt
    refused = reply.refused[0][1] if isinstance(reply, LinksAnswer) and reply.refused else None
    return bulk.new(
        Answer,
        **common,
        **(_error_columns(refused) if refused else {}),
        at=receipt.received_at,
        complete=not isinstance(reply, LinksAnswer) or reply.complete,
        http_status=receipt.http_status,
        trace_id=receipt.trace_id or "",
        version_asked=receipt.version_asked,
        version_served=receipt.version_served or "",
    )


def _error_columns(error: GraphError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        "code": error.code,
        "subcode": error.subcode,
        "message": error.message,
    }


def _settle(item: Reported, budget: RetryBudget, now: datetime) -> None:
    """Set the lookup's state and outcomes from its reply; the caller saves."""
    lookup, reply = item.lookup, item.reply
    lookup.lease_until = lookup.not_before = None
    if lookup.attempt >= MOST_ATTEMPTS:
        _finish(lookup, reply, now)
    elif isinstance(reply, UnderPolicyReview):
        lookup.state, lookup.held_for, lookup.is_probe, lookup.why = State.HELD, HeldFor.REVIEW, False, reply.message
    elif isinstance(reply, TokenRefused):
        for column, value in token_columns(lookup, Outcome.TOKEN, reply.explained).items():
            setattr(lookup, column, value)
    elif isinstance(reply, ProofRefused):
        for column, value in secret_columns(lookup).items():
            setattr(lookup, column, value)
    elif isinstance(reply, GraphError) and _worth_another_try(lookup, reply, budget):
        lookup.state, lookup.why = State.WAITING, f"{reply.message} idlink tries again by itself."
        lookup.not_before = now + _pause(lookup, reply)
        if isinstance(reply, TooManyCalls):
            lookup.tries -= 1  # being told to wait is no failure
    else:
        _finish(lookup, reply, now)


def _worth_another_try(lookup: Lookup, error: GraphError, budget: RetryBudget) -> bool:
    if isinstance(error, TooManyCalls):
        return True
    return error.retryable and lookup.tries < settings.IDLINK_MAX_ATTEMPTS and budget.take(lookup.run_id)


def _finish(lookup: Lookup, reply: Reply, now: datetime) -> None:
    lookup.state, lookup.finished_at, lookup.is_probe = State.DONE, now, False
    if isinstance(reply, GraphError):
        tries = "1 try" if lookup.tries == 1 else f"{lookup.tries} tries"
        given_up = f" idlink gave up after {tries}; ask again later." if reply.retryable else ""
        lookup.why = reply.explained + given_up
        for column in _outcome_columns(lookup):
            setattr(lookup, column, outcome_of(reply))
    lookup.ending = ending_of(lookup)


def _outcome_columns(lookup: Lookup) -> list[str]:
    columns = {"ids_for_apps": "apps_outcome", "ids_for_pages": "pages_outcome"}
    return [columns[edge] for edge in lookup.edges]


def _pause(lookup: Lookup, error: GraphError) -> timedelta:
    """Back off with full jitter; a limit's own waiting time goes before."""
    if isinstance(error, TooManyCalls) and error.wait_seconds:
        return min(timedelta(seconds=error.wait_seconds), LONGEST_WAIT)
    return timedelta(seconds=random.uniform(0.5, 2.0**lookup.tries))  # noqa: S311  (not a secret)


def _note_review(business: Business, ours: Sequence[Reported], answers: dict[int, Answer], now: datetime) -> None:
    """Open or prolong a review; close it when its probe was answered.

    Only the probe can close it: other answers may be to questions sent before the review began.
    """
    refusals = [item for item in ours if isinstance(item.reply, UnderPolicyReview)]
    if refusals:
        reviews.note_review(business, answers[refusals[-1].lookup.pk])
    elif any(item.lookup.is_probe and not isinstance(item.reply, GraphError) for item in ours):
        reviews.close_review(business, now)


def _note_token(batch: Batch, now: datetime) -> None:
    ours, credential = batch.reported, batch.credential
    refused = next((item.reply for item in ours if isinstance(item.reply, TokenRefused)), None)
    if refused:
        mark_refused(
            credential.token_pk,
            because=refused.message,
            at=now,
            code=refused.code,
            subcode=refused.subcode,
            trace=refused.trace_id,
        )
    elif any(isinstance(item.reply, ProofRefused) for item in ours):
        # Since it was signed: a secret that was saved after that is another one.
        AccessToken.objects.filter(pk=credential.token_pk).update(doubted_at=batch.asked_at)
    elif any(not isinstance(item.reply, GraphError) for item in ours):
        proven_at = Coalesce("proven_at", Value(now))
        AccessToken.objects.filter(pk=credential.token_pk).update(last_used_at=now, proven_at=proven_at)


def _note_pace(ours: Sequence[Reported], asked_at: datetime, now: datetime) -> None:
    """Let the other workers know how Graph bears our calls; a limit goes before trouble before usage."""
    if not ours:
        return
    asset = ours[0].lookup.asset
    troubles = [item.reply for item in ours if _is_no_answer(item.reply)]
    limit = next((error for error in troubles if isinstance(error, TooManyCalls)), None)
    answered = [item.reply for item in ours if not isinstance(item.reply, GraphError)]
    if limit or len(troubles) == len(ours):
        pacing.note_error(asset, limit or troubles[0], asked_at=asked_at, now=now)
    elif answered:
        pacing.note_answer(asset, answered[-1].receipt.usage, now=now)
    else:
        pacing.note_refusal(asset)


def _is_no_answer(reply: Reply) -> TypeGuard[GraphError]:
    """Tell whether Graph did not answer this: it failed, or something else stands in its place.

    Who is behind a bad certificate or a portal gets none, however often: a list must not run into it. An unknown
    code is Graph's, and an answer.
    """
    return isinstance(reply, TryLater) or (isinstance(reply, UnexpectedAnswer) and reply.code is None)
