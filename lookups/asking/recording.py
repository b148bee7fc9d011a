"""Store the replies to claimed lookups: answers, links, names, and what else the replies show.

Some batches of one business are stored in one durable transaction. Answers are stored beside those of other workers,
with the persons they are about locked; whatever else a reply may be, a review or an error, is stored alone. A lookup
is written only if its attempt number is still the one that this worker claimed, so a worker that lost its lease changes
nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction

from businesses import turns
from businesses.credentials import Choice
from businesses.models import Business
from lookups.asking.answer_rows import answer_row
from lookups.asking.ending import conclude
from lookups.asking.giving_way import Courtesy
from lookups.asking.names import note_names
from lookups.asking.noting import note_pace, note_review_of, note_token
from lookups.asking.reports import AskedBatch, Reported
from lookups.asking.retry_budget import RetryBudget
from lookups.asking.tallies import count_endings, ending_of
from lookups.evidence import profiles
from lookups.evidence.learning import learn_links
from lookups.evidence.region import MustBeAlone
from lookups.graph import LinksAnswer, UnderPolicyReview
from lookups.models import Answer, Lane, Lookup, Question, Run, ScopedID, State, bulk
from lookups.models.lookup import RESULT_COLUMNS
from lookups.models.outcomes import Outcome

_DEADLOCK = "40P01"  # PostgreSQL's code


def record(reported: Sequence[Reported], credential: Choice, *, asked_at: datetime, now: datetime) -> None:
    """Store the replies to lookups of one business, all asked with one credential, at `asked_at`."""
    record_together([AskedBatch(reported, credential, asked_at)], now=now)


def record_together(batches: Sequence[AskedBatch], *, now: datetime) -> None:
    """Store the replies to some batches of one business together, which takes far fewer statements than one by one."""
    if turns.can_share() and all(_is_plain(item) for batch in batches for item in batch.reported):
        try:
            _store_in_turn(batches, now, turns.beside_others)
            return
        except (IntegrityError, MustBeAlone):
            pass  # another worker has stored one of these people meanwhile, or the evidence reaches further
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != _DEADLOCK:
                raise
    _store_in_turn(batches, now, turns.alone_with)


def _is_plain(item: Reported) -> bool:
    """Tell whether a reply is an answer about links, and says nothing else that other workers must know."""
    return isinstance(item.reply, LinksAnswer) and item.failure is None and not item.lookup.is_probe


def _store_in_turn(batches: Sequence[AskedBatch], now: datetime, turn: Callable[[int], Business]) -> None:
    first = batches[0].reported[0].lookup
    is_review = any(isinstance(item.failure, UnderPolicyReview) for item in batches[0].reported)
    courtesy, is_stored = Courtesy(Lane.STAFF if is_review else first.lane), False  # a review waits for nobody
    while not is_stored:
        courtesy.wait()
        with transaction.atomic(durable=True):
            business = turn(first.business_id)
            # Somebody may have come while this waited for its turn, and wait behind it: the turn is passed on.
            if not courtesy.is_due():
                _store(business, batches, now, alone=turn is turns.alone_with)
                is_stored = True


def _store(business: Business, batches: Sequence[AskedBatch], now: datetime, *, alone: bool) -> None:
    mine = _still_ours(batches)
    ours = [item for batch in mine for item in batch.reported]
    answers = _store_answers(mine, now)
    told = [(answers[item.lookup.pk], item.reply) for item in ours]
    due = learn_links(business, told, alone=alone)
    profiles.learn_profiles(business, told)
    for batch in mine:
        note_review_of(business, batch.reported, answers, now)
    budget = RetryBudget(ours)
    for item in ours:
        conclude(item, budget, now=now)
    budget.save()
    _ask_the_other_side(business, due, now)
    bulk.update([item.lookup for item in ours], [*RESULT_COLUMNS, "scoped_id"])
    # Last, since all who record answers of an app or Page write the same few rows; in one order, or two could deadlock.
    for batch in sorted(mine, key=lambda batch: (batch.credential.token_pk, batch.asset_pk)):
        note_token(batch, now)
        note_names(batch, now)
        note_pace(batch.reported, batch.asked_at, now)
    count_endings(item.lookup for item in ours)


def _ask_the_other_side(business: Business, due: Sequence[ScopedID], now: datetime) -> None:
    """Make lookups for the IDs that an answer no longer gave: their own answers show whether the link is gone."""
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
            asset_id=scoped_id.asset_id,
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
        for edge in lookup.edges:
            lookup.set_outcome(edge, outcome)
        lookup.why = why
        lookup.finish(ending_of(lookup), now=now)
        with transaction.atomic():
            if lookup.store_if_still_ours():
                count_endings([lookup])


def _still_ours(batches: Sequence[AskedBatch]) -> list[AskedBatch]:
    """Narrow each batch to the lookups that this worker still holds; leave out empty batches."""
    keys = [item.lookup.pk for batch in batches for item in batch.reported]
    rows = Lookup.objects.filter(pk__in=keys, state=State.CLAIMED)
    # Locked in the order of their keys: without it, two workers with the same lookups could deadlock.
    attempts = dict(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", "attempt"))
    # Copies, because the lookups must be unchanged for the next try if storing fails.
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


def _store_answers(batches: Sequence[AskedBatch], now: datetime) -> dict[int, Answer]:
    answers = [answer_row(item, batch.credential, now) for batch in batches for item in batch.reported]
    bulk.insert(answers)
    return {answer.lookup_id: answer for answer in answers}
