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
from lookups.graph import GraphError, ProofRefused, TokenRefused, TooManyCalls, UnderPolicyReview
from lookups.models import HeldFor, Lookup

MOST_ATTEMPTS = 30_000  # the column ends at 32,767; beyond it, claiming fails for all lookups that are due


def conclude(item: Reported, budget: RetryBudget, *, now: datetime) -> None:
    """Set the lookup's state and outcomes from its reply; the caller saves."""
    lookup, reply = item.lookup, item.reply
    if lookup.attempt >= MOST_ATTEMPTS:
        _finish(lookup, reply, now)
    elif isinstance(reply, UnderPolicyReview):
        lookup.hold(HeldFor.REVIEW, why=reply.message)
    elif isinstance(reply, TokenRefused):
        hold_for_token(lookup, reply)
    elif isinstance(reply, ProofRefused):
        hold_for_secret(lookup)
    elif isinstance(reply, GraphError) and _worth_another_try(lookup, reply, budget):
        lookup.wait_again(until=now + _pause(lookup, reply), why=f"{reply.message} idlink tries again by itself.")
        if isinstance(reply, TooManyCalls):
            lookup.tries -= 1  # a limit is not a failed try
    else:
        _finish(lookup, reply, now)


def _worth_another_try(lookup: Lookup, error: GraphError, budget: RetryBudget) -> bool:
    if isinstance(error, TooManyCalls):
        return True
    return error.retryable and lookup.tries < settings.IDLINK_MAX_ATTEMPTS and budget.take(lookup.run_id)


def _finish(lookup: Lookup, reply: Reply, now: datetime) -> None:
    if isinstance(reply, GraphError):
        tries = "1 try" if lookup.tries == 1 else f"{lookup.tries} tries"
        given_up = f" idlink gave up after {tries}; ask again later." if reply.retryable else ""
        lookup.why = told_of(reply, lookup.asset) + given_up
        for edge in lookup.edges:
            lookup.set_outcome(edge, outcome_of(reply))
    lookup.finish(ending_of(lookup), now=now)


def _pause(lookup: Lookup, error: GraphError) -> timedelta:
    """Give how long to wait: the time that a limit names, else a back-off with full jitter."""
    if isinstance(error, TooManyCalls) and error.wait_seconds:
        return timedelta(seconds=error.wait_seconds)  # the client has capped it
    return timedelta(seconds=random.uniform(0.5, 2.0**lookup.tries))  # noqa: S311  (not a secret)
