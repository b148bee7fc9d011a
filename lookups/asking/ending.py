"""Decide by its reply what happens to a lookup: it is tried again, held, or finished."""

import random
from datetime import datetime, timedelta

from django.conf import settings

from lookups.asking.holds import hold_for_secret, hold_for_token
from lookups.asking.reports import Reply, Reported
from lookups.asking.retry_budget import RetryBudget
from lookups.asking.tallies import ending_of
from lookups.evidence.learning import outcome_of
from lookups.evidence.refusals import told_of
from lookups.graph import GraphError, LinksAnswer, ProofRefused, TokenRefused, TooManyCalls, UnderPolicyReview
from lookups.models import HeldFor, Lookup
from lookups.models.outcomes import Edge

MOST_ATTEMPTS = 30_000  # the column ends at 32,767; beyond it, claiming fails for all lookups that are due


def conclude(item: Reported, budget: RetryBudget, *, now: datetime) -> None:
    """Set the lookup's state and outcomes from its reply; the caller saves."""
    lookup, failure = item.lookup, item.failure
    if lookup.attempt >= MOST_ATTEMPTS:
        _finish(item, now)
    elif isinstance(failure, UnderPolicyReview):
        lookup.hold(HeldFor.REVIEW, why=failure.message)
    elif isinstance(failure, TokenRefused):
        hold_for_token(lookup, failure)
    elif isinstance(failure, ProofRefused):
        hold_for_secret(lookup)
    elif failure and _worth_another_try(lookup, failure, budget):
        _have_tried_again(lookup, failure, now)
    else:
        _finish(item, now)


def _have_tried_again(lookup: Lookup, failure: GraphError, now: datetime) -> None:
    lookup.wait_again(until=now + _pause(lookup, failure), why=f"{failure.message} idlink tries again by itself.")
    for edge in lookup.edges:  # part of an answer may have set them
        lookup.set_outcome(edge, "")
    if isinstance(failure, TooManyCalls):
        lookup.tries -= 1  # a limit is not a failed try


def _worth_another_try(lookup: Lookup, error: GraphError, budget: RetryBudget) -> bool:
    if isinstance(error, TooManyCalls):
        return True
    return error.retryable and lookup.tries < settings.IDLINK_MAX_ATTEMPTS and budget.take(lookup.run_id)


def _finish(item: Reported, now: datetime) -> None:
    lookup, failure = item.lookup, item.failure
    if failure:
        tries = "1 try" if lookup.tries == 1 else f"{lookup.tries} tries"
        given_up = f" idlink gave up after {tries}; ask again later." if failure.retryable else ""
        kept = " What Graph had told before that is kept." if isinstance(item.reply, LinksAnswer) else ""
        lookup.why = told_of(failure, lookup.asset) + given_up + kept
        for edge in lookup.edges:
            if not _was_told(edge, item.reply):
                lookup.set_outcome(edge, outcome_of(failure))
    lookup.finish(ending_of(lookup), now=now)


def _was_told(edge: Edge, reply: Reply) -> bool:
    """Tell whether an edge was read to its last page, though the answer to another one broke off."""
    told = reply.edge(edge) if isinstance(reply, LinksAnswer) else None
    return told is not None and told.is_whole


def _pause(lookup: Lookup, error: GraphError) -> timedelta:
    """Give how long to wait: the time that a limit names, else a back-off with full jitter."""
    if isinstance(error, TooManyCalls) and error.wait_seconds:
        return timedelta(seconds=error.wait_seconds)  # the client has capped it
    return timedelta(seconds=random.uniform(0.5, 2.0**lookup.tries))  # noqa: S311  (not a secret)
