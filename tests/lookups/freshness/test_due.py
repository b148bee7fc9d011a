"""Which IDs are due: what the refresh takes for confirmed is what freshness counts as such."""

import random

import pytest
from django.utils import timezone

from lookups.evidence.freshness import confirmed_since
from lookups.freshness.due import to_refresh
from lookups.models import Decision, Lookup, Match, Person, Run, ScopedID
from lookups.models.outcomes import Edge, answered_column, caller_column
from tests.lookups.list_runs import make_list, work
from tests.lookups.refreshing import A_DAY, learn
from tests.makers import NOW

pytestmark = [pytest.mark.database]


def test_both_ways_of_telling_what_is_fresh_agree(world):
    chance = random.Random(7)
    learn(world, world.page, "12345123", "77001234567")
    learn(world, world.app, "66001234567")
    business = world.page.business
    work(make_list(world.app, "645195294"))
    callers, seen = list(business.assets.apps()[:2]), set()
    ScopedID.objects.exclude(business=business).delete()
    for _ in range(30):
        undo(chance.choice([None, *(run for run in Run.objects.all() if run.kind == Run.Kind.LIST)]))
        for row in ScopedID.objects.all():
            columns = {"first_seen": NOW - 1000 * A_DAY}
            for edge in Edge:
                at = chance.choice([None, timezone.now() - chance.randrange(60) * A_DAY])
                columns |= {answered_column(edge): at, caller_column(edge): chance.choice(callers)}
            ScopedID.objects.filter(pk=row.pk).update(**columns)
        Lookup.objects.all().update(finished_at=NOW - 1000 * A_DAY)
        for match in Match.objects.all():
            state = chance.choice(["confirmed", "confirmed", "unconfirmed"])
            Match.objects.filter(pk=match.pk).update(state=state)
        cutoff = timezone.now() - chance.randrange(1, 60) * A_DAY
        persons = Person.objects.filter(business=business).values_list("pk", flat=True)
        due = set().union(*(one.due(cutoff) for one in to_refresh(business, persons, cutoff).values()))
        assert due == set(ScopedID.objects.exclude(confirmed_since(business, cutoff)).values_list("pk", flat=True))
        seen.add(len(due))
    assert len(seen) > 2


def undo(run: Run | None) -> None:
    """As if this import and no other were undone."""
    Decision.objects.all().delete()
    if run:
        Decision.objects.create(business=run.business, kind=Decision.Kind.UNDO, run=run, reason="so", made_at=NOW)
