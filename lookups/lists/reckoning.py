"""Reckons anew how many questions a list under way will take, from what its first answers covered.

Before the start nobody knows how many people new IDs stand for. The first answers cover other rows, too: a sample of
the rows that wait tells how many of them are fresh by now, and so how many rows one question covers.
"""

import random
from datetime import datetime

from django.db.models import Exists, Max, OuterRef

from lookups.asking.tallies import Sum
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.models import ListRow, Run, ScopedID

FIRST_SHARE = 0.02  # of the rows that are asked or still to be; before it, the forecast made before the start says more
SAMPLE = 2000  # rows; they tell the number of questions to a tenth


def expected_questions(run: Run, counts: Sum, now: datetime) -> int | None:
    """Give how many questions a list will have taken at its end; None before the answers to its first ones."""
    answered = counts.answered
    if run.kind != Run.Kind.LIST or not answered or answered < FIRST_SHARE * (answered + counts.waiting):
        return None
    fresh, covered = _shares(run, now)
    rows_a_question = (answered + covered * run.todo) / answered
    return round(answered + (counts.waiting - fresh * run.todo) / rows_a_question)


def _shares(run: Run, now: datetime) -> tuple[float, float]:
    """Give which share of the rows that wait is fresh, and which was confirmed since the start; any line is as likely.

    What was confirmed before the start says nothing about how many rows a question covers.
    """
    rows = ListRow.objects.filter(run=run)
    last = rows.aggregate(last=Max("line"))["last"] or 0
    lines = random.Random(run.pk).sample(range(1, last + 1), min(SAMPLE, last))  # noqa: S311  (no secret)
    waiting = rows.filter(line__in=lines, state=ListRow.State.TODO)
    ids = ScopedID.objects.filter(asset=OuterRef("asset"), value=OuterRef("value"))
    fresh = ids.filter(confirmed_since(run.business, stale_before(run.business, now)))
    covered = ids.filter(confirmed_since(run.business, run.started_at or now))
    told = list(waiting.annotate(fresh=Exists(fresh), covered=Exists(covered)).values_list("fresh", "covered"))
    return sum(one for one, _ in told) / max(1, len(told)), sum(one for _, one in told) / max(1, len(told))
